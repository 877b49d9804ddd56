// One picture: what it shows, and what pointer, fingers and keys do to it.

import { draw, placed } from "./drawing.js";
import { heatCanvas, lookOf } from "./look.js";
import { canInflate, pixelsAt } from "./pixels.js";
import { FIT, views } from "./view.js";

const STEP = 1.25; // of zooming by a key or button
const desk = { tool: matchMedia("(pointer: coarse)").matches ? "move" : "window" };

export class Pane {
    constructor(root) {
        this.root = root.querySelector(".viewer");
        this.stage = root.querySelector(".stage");
        this.picture = root.querySelector(".picture");
        this.canvas = root.querySelector("canvas");
        this.context = this.canvas.getContext("2d");
        this.readout = root.querySelector(".readout");
        this.pointers = new Map();
        this.watch = () => this.changed();
        this.view = null;
        this.asked = 0;
        this.#listen();
        this.sizes = new ResizeObserver(() => this.changed());
        this.sizes.observe(this.stage);
        views.panes.add(this);
    }

    // What the server says; called again whenever that changes.
    async take(data, base) {
        this.base = base;
        this.data = data;
        const look = lookOf(data.pixels);
        if (this.look !== look) {
            this.look?.watchers.delete(this.watch);
            const isNext = Boolean(this.look) && data.kind === "radiograph";
            this.look = look;
            this.pixels = this.waitsFor = this.cross = null;
            delete this.stage.dataset.pixels;
            if (isNext) views.set(this, FIT);
            look.watchers.add(this.watch);
        }
        if (this.picture.getAttribute("src") !== this.#url(data.picture)) {
            this.picture.src = this.#url(data.picture);
            this.picture.onload = () => this.changed();
        }
        this.picture.alt = data.alt;
        this.stage.setAttribute("aria-label", data.label);
        await look.take(data.pixels);
        const heat = data.heat ? await heatCanvas(data.heat) : null;
        if (this.data !== data) return;
        this.heat = heat;
        if (look.isAwake) this.wake();
        this.changed();
    }

    end() {
        views.panes.delete(this);
        this.sizes.disconnect();
        this.look?.watchers.delete(this.watch);
    }

    #url(path) {
        return path && new URL(path.replace(/^\//, ""), this.base).href;
    }

    // All pixels come only once somebody touches the picture: most look at it as it is.
    wake() {
        if (!this.data) return;
        const { look } = this;
        const { pixels } = this.data;
        if (this.pixels || !canInflate || this.waitsFor === pixels.values) return;
        look.isAwake = true;
        this.waitsFor = pixels.values;
        const urls = { values: this.#url(pixels.values), hidden: this.#url(pixels.hidden) };
        pixelsAt(urls, pixels).then(
            (found) => {
                if (this.waitsFor !== pixels.values) return;
                this.pixels = found;
                this.failed = false;
                this.stage.dataset.pixels = "here";
                this.changed();
                look.tell();
            },
            () => {
                this.failed = true;
                this.changed();
            },
        );
    }

    changed() {
        if (this.asked) return;
        this.asked = requestAnimationFrame(() => {
            this.asked = 0;
            this.#draw();
        });
    }

    #draw() {
        if (!this.data || !this.picture.complete || !this.picture.naturalWidth) return;
        if (this.look.isAwake && !this.pixels && !this.failed) this.wake();
        this.density = window.devicePixelRatio || 1;
        const { clientWidth, clientHeight } = this.stage;
        const width = Math.round(clientWidth * this.density);
        const height = Math.round(clientHeight * this.density);
        if (!width || !height) return;
        if (this.canvas.width !== width) this.canvas.width = width;
        if (this.canvas.height !== height) this.canvas.height = height;
        this.view = views.of(this);
        this.isRegionShown = Boolean(this.data.region?.length && this.isRegionAsked);
        draw(this);
        this.#touchAction();
        this.onDrawn?.();
    }

    // One finger scrolls the page where there is nothing to move.
    #touchAction() {
        const isStill = desk.tool === "move" && this.view.zoom === 1;
        this.stage.style.touchAction = isStill ? "pan-y" : "none";
        this.stage.dataset.tool = desk.tool;
        this.stage.dataset.zoom = this.view.zoom;
    }

    get tool() {
        return desk.tool;
    }

    set tool(tool) {
        desk.tool = tool;
        for (const each of views.panes) {
            each.cross = null;
            each.changed();
        }
    }

    // CSS pixels for one of the file's when the whole picture is seen.
    get cssPerPixel() {
        return this.stage.clientWidth / (this.data.pixels.width * this.data.pixels.step);
    }

    zoomBy(factor, [x, y] = [this.view.x, this.view.y]) {
        const { view } = this;
        const zoom = Math.max(1, view.zoom * factor);
        const kept = 1 - view.zoom / zoom; // the point under the pointer stays there
        views.set(this, { x: view.x + (x - view.x) * kept, y: view.y + (y - view.y) * kept, zoom });
    }

    fit() {
        views.set(this, FIT);
    }

    oneToOne() {
        views.set(this, { ...this.view, zoom: 1 / (this.cssPerPixel * this.density) });
    }

    moveBy(dx, dy) {
        const { view, stage } = this;
        const x = view.x - dx / (stage.clientWidth * view.zoom);
        const y = view.y - dy / (stage.clientHeight * view.zoom);
        views.set(this, { ...view, x, y });
    }

    windowBy(dx, dy) {
        const { look } = this;
        const lighter = this.data.pixels.inverted !== look.inverted ? -1 : 1;
        const centre = look.centre + (lighter * dy * look.width) / 300;
        look.window(centre, look.width * Math.exp(dx / 250));
    }

    // Fractions of the picture under a pointer.
    at(event) {
        const box = this.stage.getBoundingClientRect();
        const place = placed(this);
        return [
            ((event.clientX - box.left) * this.density - place.left) / place.width,
            ((event.clientY - box.top) * this.density - place.top) / place.height,
        ];
    }

    lengthOf({ from, to }) {
        const { width, height, step, spacing } = this.data.pixels;
        const columns = (to[0] - from[0]) * width * step;
        const rows = (to[1] - from[1]) * height * step;
        if (!spacing) return `${Math.hypot(columns, rows).toFixed(1)} pixels`;
        return `${Math.hypot(columns * spacing.columns, rows * spacing.rows).toFixed(1)} mm`;
    }

    // What the file holds at a place.
    describe([x, y]) {
        const { pixels, look } = this;
        const { width, height, step, padding, exact } = this.data.pixels;
        if (!canInflate) return "This browser can't unpack the pixels: the picture can't be windowed.";
        if (this.failed) return "The pixels did not come; load the page again.";
        if (!pixels) return "Fetching all pixels…";
        const column = Math.floor(x * width);
        const row = Math.floor(y * height);
        if (column < 0 || row < 0 || column >= width || row >= height) return "\u00a0";
        const where = `Column ${column * step + 1}, row ${row * step + 1}`;
        const index = row * width + column;
        const code = pixels.levels[0].codes[index];
        if (pixels.hidden?.[index]) return `${where}: hidden by the file's shutter`;
        const value = `${exact ? "" : "about "}${Number(look.valueOf(code).toPrecision(9))}`;
        const isPadding = padding && code >= padding[0] && code <= padding[1];
        return `${where}: ${value}${isPadding ? " (padding, no part of the image)" : ""}`;
    }

    show(place) {
        this.readout.textContent = place ? this.describe(place) : "\u00a0";
    }

    #listen() {
        const { stage } = this;
        for (const kind of ["pointerenter", "focusin", "pointerdown"]) {
            this.root.addEventListener(kind, () => this.wake());
        }
        stage.addEventListener("pointerdown", (event) => this.#down(event));
        stage.addEventListener("pointermove", (event) => this.#move(event));
        for (const kind of ["pointerup", "pointercancel"]) {
            stage.addEventListener(kind, (event) => this.pointers.delete(event.pointerId));
        }
        stage.addEventListener("pointerleave", () => this.show(null));
        stage.addEventListener("contextmenu", (event) => event.preventDefault());
        stage.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
        stage.addEventListener("dblclick", () => {
            if (desk.tool !== "measure") this.view.zoom > 1 ? this.fit() : this.oneToOne();
        });
        stage.addEventListener("keydown", (event) => this.#key(event));
        // Shortcuts of the page must not take what is typed here.
        this.root.addEventListener("keydown", (event) => {
            if (/INPUT|SELECT/.test(event.target.tagName)) event.stopPropagation();
        });
    }

    #down(event) {
        if (!this.data || !this.density) return;
        this.stage.setPointerCapture(event.pointerId);
        this.stage.focus({ preventScroll: true });
        this.pointers.set(event.pointerId, event);
        this.isMoving = event.button !== 0 || event.shiftKey || desk.tool === "move";
        this.cross = null;
        if (!this.isMoving && desk.tool === "measure" && this.pointers.size === 1) {
            const place = this.at(event);
            this.look.measure({ from: place, to: place });
        }
    }

    #move(event) {
        if (!this.data || !this.density) return;
        const before = this.pointers.get(event.pointerId);
        this.show(this.at(event));
        if (!before) return;
        if (this.pointers.size > 1) {
            this.#pinch(before, event);
        } else {
            const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
            if (this.isMoving) this.moveBy(dx, dy);
            else if (desk.tool === "window") this.windowBy(dx, dy);
            else this.look.measure({ ...this.look.ruler, to: this.at(event) });
        }
        this.pointers.set(event.pointerId, event);
    }

    #pinch(before, event) {
        const other = [...this.pointers.values()].find((p) => p.pointerId !== event.pointerId);
        const apart = (p) => Math.hypot(p.clientX - other.clientX, p.clientY - other.clientY);
        const middle = {
            clientX: (event.clientX + other.clientX) / 2,
            clientY: (event.clientY + other.clientY) / 2,
        };
        this.moveBy((event.clientX - before.clientX) / 2, (event.clientY - before.clientY) / 2);
        this.view = views.of(this);
        this.zoomBy(apart(event) / Math.max(1, apart(before)), this.at(middle));
    }

    #wheel(event) {
        if (!this.density || (!event.ctrlKey && this.stage.getRootNode().activeElement !== this.stage))
            return;
        event.preventDefault();
        this.wake();
        this.zoomBy(Math.exp(-event.deltaY / (event.deltaMode ? 10 : 300)), this.at(event));
    }

    #key(event) {
        if (event.ctrlKey || event.metaKey || event.altKey || !this.density) return;
        const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
        const arrow = arrows[event.key];
        const acts = {
            "+": () => this.zoomBy(STEP),
            "=": () => this.zoomBy(STEP),
            "-": () => this.zoomBy(1 / STEP),
            0: () => this.fit(),
            1: () => this.oneToOne(),
            i: () => this.look.invert(),
            r: () => this.reset(),
            Enter: desk.tool === "measure" && (() => this.#mark()),
            Escape: this.look.ruler && (() => this.#unmark()),
        };
        const act = arrow
            ? () => this.#arrow(arrow[0], arrow[1], event.shiftKey ? 10 : 1)
            : acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
        if (!act) return;
        event.preventDefault();
        event.stopPropagation();
        this.wake();
        act();
        this.say(this.#said());
    }

    #arrow(dx, dy, times) {
        if (desk.tool === "window") return this.windowBy(5 * dx * times, 5 * dy * times);
        if (desk.tool === "move") return this.moveBy(-20 * dx * times, -20 * dy * times);
        const [width, height] = [this.stage.clientWidth, this.stage.clientHeight];
        const pixel = Math.max(1, this.cssPerPixel * this.view.zoom) * times;
        const [x, y] = this.cross ?? [this.view.x, this.view.y];
        const kept = (place) => Math.min(Math.max(place, 0), 1 - 1e-9);
        this.cross = [
            kept(x + (dx * pixel) / (width * this.view.zoom)),
            kept(y + (dy * pixel) / (height * this.view.zoom)),
        ];
        this.#follow();
        if (this.isMeasuring) this.look.measure({ ...this.look.ruler, to: this.cross });
        this.show(this.cross);
        this.changed();
    }

    // Moves the view so that the crosshair stays in it.
    #follow() {
        const half = 0.5 / this.view.zoom;
        const [x, y] = ["x", "y"].map((axis, i) =>
            Math.min(Math.max(this.view[axis], this.cross[i] - half), this.cross[i] + half),
        );
        if (x !== this.view.x || y !== this.view.y) views.set(this, { ...this.view, x, y });
    }

    #mark() {
        this.cross ??= [this.view.x, this.view.y];
        this.isMeasuring = !this.isMeasuring;
        const from = this.isMeasuring ? this.cross : this.look.ruler.from;
        this.look.measure({ from, to: this.cross });
        this.show(this.cross);
    }

    #unmark() {
        this.isMeasuring = false;
        this.look.measure(null);
    }

    #said() {
        const { look, view } = this;
        if (this.isMeasuring || (look.ruler && desk.tool === "measure"))
            return `${this.readout.textContent}. Length ${this.lengthOf(look.ruler)}`;
        if (this.cross) return this.readout.textContent;
        const window = `Centre ${shown(look.centre)}, width ${shown(look.width)}`;
        return `${window}${look.inverted ? ", inverted" : ""}. Zoom ${view.zoom.toFixed(1)}`;
    }

    say(text) {
        this.root.querySelector(".spoken").textContent = text;
    }

    reset() {
        this.isMeasuring = false;
        this.cross = null;
        this.look.reset();
        this.fit();
    }
}

export function shown(value) {
    return String(Number(value.toPrecision(6)));
}
