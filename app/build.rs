//! Compiles the screens (ui/) and their translations (lang/) into the program. Nothing else is built here.

fn main() {
    let configuration = slint_build::CompilerConfiguration::new()
        .with_style("fluent".into())
        .with_bundled_translations("lang")
        // Ids and type names, so that tests find elements; they stay out of what is shipped.
        .with_debug_info(std::env::var("PROFILE").as_deref() != Ok("release"));
    slint_build::compile_with_config("ui/main.slint", configuration).expect("the screens compile");
}
