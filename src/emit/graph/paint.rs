//! The look: colours, and the few signs, drawn as paths because no font has them for sure.

use super::scene::Step;

/// Fonts whose advances `measure` knows, then whatever the system has.
const SANS: &str = "'Helvetica Neue',Helvetica,Arial,'Liberation Sans',system-ui,sans-serif";
const MONO: &str = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";

/// The style sheet. All rules are below `.gw`, so that they touch nothing else in a page that holds the picture.
pub fn style() -> String {
    let rules = [
        // Surfaces.
        "rect.page{fill:#f6f7f9;stroke:#e1e5ea}",
        "rect.card{fill:#fff;stroke:#c6ced8}",
        "rect.badge{fill:#3f5f82}",
        "rect.stage{fill:#f4f7fb;stroke:#d2dce8}",
        "rect.pip{fill:#dbe6f2}",
        "rect.spawn{fill:#eaf5f2;stroke:#b4d8cf}",
        "rect.each{fill:#f5faf9;stroke:#8fc2b7;stroke-dasharray:5 4}",
        "rect.band{fill:#eef1f5;stroke:#d5dbe3}",
        "rect.loop{fill:#f7f5fc;stroke:#8c7cc0;stroke-width:1.5}",
        "rect.gate{fill:#f9eff0;stroke:#d8a9b1}",
        "path.bar{fill:#9c3a4c;stroke:none}",
        "rect.condition{fill:#fdf3dc;stroke:#e6cf97}",
        "rect.state{fill:#fff;stroke:#8a94a3;stroke-dasharray:3 2}",
        "rect.mark{fill:#eef1f5;stroke:#ccd4dd}",
        "rect.final{fill:#fbe9e4;stroke:#d9866b}",
        "rect.bound{fill:#ece8f8;stroke:#bfb4e2}",
        "rect.file{fill:#f4f6f8;stroke:#d5dbe3}",
        // Texts.
        "text.title{fill:#1f2a37}",
        "text.name{fill:#5b6875}",
        "text.phase{fill:#1f2a37}",
        "text.number{fill:#fff}",
        "text.stage-number{fill:#3f5f82}",
        "text.agent{fill:#1d5f53}",
        "text.quiet{fill:#5b6875}",
        "text.loop-text{fill:#4f3f8c}",
        "text.on-bar{fill:#fff}",
        "text.route-text{fill:#8a3244}",
        "text.condition-text{fill:#6f4e0e}",
        "text.state-text{fill:#4b5563}",
        "text.mark-text{fill:#45525f}",
        "text.final-text{fill:#9a3412}",
        // Lines.
        "path{fill:none;stroke-linecap:round;stroke-linejoin:round}",
        "path.flow{stroke:#8d9aa9;stroke-width:1.5}",
        "path.head{fill:#8d9aa9;stroke:none}",
        "path.back{stroke:#b0485b;stroke-width:1.3;stroke-dasharray:5 3}",
        "path.back-head{fill:#b0485b;stroke:none}",
        "path.again{stroke:#8c7cc0;stroke-width:1.5}",
        "path.again-head{fill:#8c7cc0;stroke:none}",
        "path.lock{fill:#fff;stroke:none}",
        "path.lock-line{stroke:#fff;stroke-width:1.6}",
        "path.person{fill:#2f8574;stroke:none}",
        "path.sheet{stroke:#7b8794;stroke-width:1.2}",
        "path.dot{fill:#8d9aa9;stroke:none}",
        "path.turn{stroke:#8a3244;stroke-width:1.4}",
        // What is left out of the chosen variants fades, and stays legible.
        ".skipped>rect.card,.skipped>rect.stage,.skipped>rect.spawn,.skipped>rect.loop,.skipped>rect.band,.skipped>rect.each,.skipped>rect.gate{fill:#f8f9fa;stroke:#b3bcc7;stroke-dasharray:5 4}",
        ".skipped>rect.badge,.skipped>rect.pip{fill:#76818f}",
        ".skipped>path.bar{fill:#76818f}",
        ".skipped path.person{fill:#a3adb9}",
        ".skipped text.phase,.skipped text.agent,.skipped text.loop-text,.skipped text.quiet,.skipped text.route-text,.skipped text.condition-text,.skipped text.mark-text,.skipped text.final-text{fill:#6b7785}",
        ".skipped text.stage-number{fill:#fff}",
        ".skipped rect.condition,.skipped rect.final,.skipped rect.bound{fill:#f1f3f5;stroke:#cdd4dc}",
        ".skipped path.turn{stroke:#6b7785}",
        ".maybe>rect.card,.maybe>rect.stage,.maybe>rect.spawn,.maybe>rect.gate{stroke:#b8892f;stroke-dasharray:5 4}",
    ];
    let mut style =
        format!(".gw text{{font-family:{SANS};white-space:pre}}.gw .m{{font-family:{MONO}}}.gw .b{{font-weight:700}}");
    for rule in rules {
        let (selectors, body) = rule.split_once('{').unwrap_or((rule, "}"));
        let selectors: Vec<String> = selectors.split(',').map(|selector| format!(".gw {selector}")).collect();
        style.push_str(&selectors.join(","));
        style.push('{');
        style.push_str(body);
    }
    style
}

/// The head of an arrow, its tip at a place; `dx` and `dy` say where it points, one of them zero.
pub fn head(x: f64, y: f64, dx: f64, dy: f64) -> Vec<Step> {
    let (length, half) = (8.0, 4.5);
    let (bx, by) = (x - dx * length, y - dy * length);
    vec![
        Step::To(x, y),
        Step::Line(bx + dy * half, by + dx * half),
        Step::Line(bx - dy * half, by - dx * half),
        Step::Close,
    ]
}

/// A rectangle that is rounded above, and below where nothing follows.
pub fn bar(w: f64, h: f64, radius: f64, closed: bool) -> Vec<Step> {
    let r = radius;
    let corner = r * 0.45;
    let mut steps = vec![
        Step::To(0.0, r),
        Step::Curve([0.0, corner, corner, 0.0, r, 0.0]),
        Step::Line(w - r, 0.0),
        Step::Curve([w - corner, 0.0, w, corner, w, r]),
    ];
    if closed {
        steps.extend([
            Step::Line(w, h - r),
            Step::Curve([w, h - corner, w - corner, h, w - r, h]),
            Step::Line(r, h),
            Step::Curve([corner, h, 0.0, h - corner, 0.0, h - r]),
        ]);
    } else {
        steps.extend([Step::Line(w, h), Step::Line(0.0, h)]);
    }
    steps.push(Step::Close);
    steps
}

/// The body of a lock, 12 wide and 14 high, and its shackle.
pub fn lock(x: f64, y: f64) -> (Vec<Step>, Vec<Step>) {
    let body = vec![
        Step::To(x, y + 6.0),
        Step::Line(x + 12.0, y + 6.0),
        Step::Line(x + 12.0, y + 14.0),
        Step::Line(x, y + 14.0),
        Step::Close,
    ];
    let shackle = vec![
        Step::To(x + 2.6, y + 6.0),
        Step::Line(x + 2.6, y + 4.0),
        Step::Curve([x + 2.6, y - 0.4, x + 9.4, y - 0.4, x + 9.4, y + 4.0]),
        Step::Line(x + 9.4, y + 6.0),
    ];
    (body, shackle)
}

/// Somebody: a head over shoulders, 12 wide and 13 high.
pub fn person(x: f64, y: f64) -> Vec<Step> {
    let mut steps = disc(x + 6.0, y + 3.2, 3.2);
    steps.extend([
        Step::To(x, y + 13.0),
        Step::Curve([x, y + 5.6, x + 12.0, y + 5.6, x + 12.0, y + 13.0]),
        Step::Close,
    ]);
    steps
}

/// A sheet of paper, 9 wide and 12 high.
pub fn sheet(x: f64, y: f64) -> Vec<Step> {
    vec![
        Step::To(x, y),
        Step::Line(x + 6.0, y),
        Step::Line(x + 9.0, y + 3.0),
        Step::Line(x + 9.0, y + 12.0),
        Step::Line(x, y + 12.0),
        Step::Close,
        Step::To(x + 2.5, y + 5.5),
        Step::Line(x + 6.5, y + 5.5),
        Step::To(x + 2.5, y + 8.5),
        Step::Line(x + 6.5, y + 8.5),
    ]
}

/// Round again: three quarters of a circle with a head, 12 wide and 12 high.
pub fn turn(x: f64, y: f64) -> Vec<Step> {
    let (cx, cy, r) = (x + 6.0, y + 6.0, 4.8);
    let k = r * 0.5523;
    vec![
        Step::To(cx, cy - r),
        Step::Curve([cx - k, cy - r, cx - r, cy - k, cx - r, cy]),
        Step::Curve([cx - r, cy + k, cx - k, cy + r, cx, cy + r]),
        Step::Curve([cx + k, cy + r, cx + r, cy + k, cx + r, cy]),
        Step::To(cx - 2.8, cy - r - 2.4),
        Step::Line(cx + 0.4, cy - r),
        Step::Line(cx - 2.4, cy - r + 2.8),
    ]
}

pub fn disc(cx: f64, cy: f64, r: f64) -> Vec<Step> {
    let k = r * 0.5523;
    vec![
        Step::To(cx - r, cy),
        Step::Curve([cx - r, cy - k, cx - k, cy - r, cx, cy - r]),
        Step::Curve([cx + k, cy - r, cx + r, cy - k, cx + r, cy]),
        Step::Curve([cx + r, cy + k, cx + k, cy + r, cx, cy + r]),
        Step::Curve([cx - k, cy + r, cx - r, cy + k, cx - r, cy]),
        Step::Close,
    ]
}
