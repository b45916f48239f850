use gatewright::*;
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let mut map = source::SourceMap::new();
    let f = map.add(path.clone(), text);
    let c = compile::check(&map, f);
    let s = render::Summary::new(1, &c.diagnostics);
    render::render(
        &mut std::io::stdout(),
        &map,
        &c.diagnostics,
        &s,
        &render::Options { max: 50, ..Default::default() },
    )
    .unwrap();
    if let Some(out) = std::env::args().nth(2) {
        let sound = c.sound().unwrap();
        match emit::skill::build(sound, path.rsplit('/').next().unwrap(), &[]) {
            Ok(files) => {
                for f in &files {
                    let p = format!("{out}/{}", f.path);
                    std::fs::create_dir_all(std::path::Path::new(&p).parent().unwrap()).unwrap();
                    std::fs::write(p, &f.text).unwrap();
                }
            }
            Err(e) => println!("{e:?}"),
        }
        let plan = emit::plan::plan(sound, "x.wf");
        std::fs::write(format!("{out}/plan.json"), serde_json::to_string_pretty(&plan).unwrap()).unwrap();
    }
}
