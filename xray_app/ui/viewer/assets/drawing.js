// What a pane draws: gray, heatmap, outlines, ruler and crosshair.

const OUTLINE = "#40E0D0"; // seen on dark, on bright, and on every colour map
const REGION = "#FFFFFF";
const RULER = "#FFD166";

// Where a picture lies on the canvas, in the canvas' own pixels.
export function placed(pane) {
    const { view, canvas } = pane;
    const [width, height] = [canvas.width * view.zoom, canvas.height * view.zoom];
    return {
        left: canvas.width / 2 - view.x * width,
        top: canvas.height / 2 - view.y * height,
        width,
        height,
    };
}

export function draw(pane) {
    const { context, canvas, look } = pane;
    const place = placed(pane);
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = "low";
    context.fillStyle = "#000";
    context.fillRect(0, 0, canvas.width, canvas.height);
    if (pane.pixels && look.shades) drawPixels(pane, place);
    else context.drawImage(pane.picture, place.left, place.top, place.width, place.height);
    context.imageSmoothingEnabled = true;
    if (pane.heat) context.drawImage(pane.heat, place.left, place.top, place.width, place.height);
    for (const line of pane.data.lines) stroke(pane, place, [line], OUTLINE);
    if (pane.isRegionShown) stroke(pane, place, segments(pane.data.region), REGION, true);
    if (look.ruler) drawRuler(pane, place, look.ruler);
    if (pane.cross) drawCross(pane, place);
}

function drawPixels(pane, place) {
    const { context, canvas, pixels, look } = pane;
    const whole = pixels.levels[0];
    const scale = place.width / whole.width;
    const n = pixels.levelFor(scale);
    const level = pixels.level(n);
    const [across, down] = [place.width / level.width, place.height / level.height];
    const left = Math.max(0, Math.floor(-place.left / across) - 1);
    const top = Math.max(0, Math.floor(-place.top / down) - 1);
    const right = Math.min(level.width, Math.ceil((canvas.width - place.left) / across) + 1);
    const bottom = Math.min(level.height, Math.ceil((canvas.height - place.top) / down) + 1);
    if (right <= left || bottom <= top) return;
    const gray = pixels.gray(n, left, top, right, bottom, look);
    context.imageSmoothingEnabled = scale < 8; // closer, each pixel of the file is seen as it is
    context.drawImage(
        gray,
        place.left + left * across,
        place.top + top * down,
        (right - left) * across,
        (bottom - top) * down,
    );
}

function segments(flat) {
    return flat.map(([a, b, c, d]) => [
        [a, b],
        [c, d],
    ]);
}

// Lines in fractions of the picture, dark below so that they are seen on white as well.
function stroke(pane, place, lines, colour, isDouble = false) {
    const { context } = pane;
    const path = new Path2D();
    for (const line of lines) {
        line.forEach(([x, y], i) => {
            const point = [place.left + x * place.width, place.top + y * place.height];
            if (i) path.lineTo(...point);
            else path.moveTo(...point);
        });
    }
    context.lineCap = "square";
    const styles = [[isDouble ? 5 : 0, "#000"], [2, colour]];
    for (const [width, style] of styles) {
        if (!width) continue;
        context.lineWidth = width * pane.density;
        context.strokeStyle = style;
        context.stroke(path);
    }
}

function drawRuler(pane, place, ruler) {
    const { context, density } = pane;
    stroke(pane, place, [[ruler.from, ruler.to]], RULER, true);
    const [x, y] = [0, 1].map((i) => (ruler.from[i] + ruler.to[i]) / 2);
    const text = pane.lengthOf(ruler);
    context.font = `600 ${13 * density}px sans-serif`;
    const width = context.measureText(text).width + 10 * density;
    const left = place.left + x * place.width + 8 * density;
    const top = place.top + y * place.height - 10 * density;
    context.fillStyle = "#000C";
    context.fillRect(left, top, width, 20 * density);
    context.fillStyle = RULER;
    context.textBaseline = "middle";
    context.fillText(text, left + 5 * density, top + 10 * density);
}

function drawCross(pane, place) {
    const { context, density, cross } = pane;
    const x = place.left + cross[0] * place.width;
    const y = place.top + cross[1] * place.height;
    const [inner, outer] = [4 * density, 14 * density];
    const path = new Path2D();
    for (const [dx, dy] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
        path.moveTo(x + dx * inner, y + dy * inner);
        path.lineTo(x + dx * outer, y + dy * outer);
    }
    for (const [width, style] of [[4, "#000"], [1.5, RULER]]) {
        context.lineWidth = width * density;
        context.strokeStyle = style;
        context.stroke(path);
    }
}
