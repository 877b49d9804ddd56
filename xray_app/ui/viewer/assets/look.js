// Under which window a radiograph is shown: one for all panes that show the same radiograph.

import { bytesOf, inflatedText, shadeOf } from "./pixels.js";

const looks = new Map();
const OWN = "own";

export function lookOf(data) {
    if (!looks.has(data.key)) looks.set(data.key, new Look());
    return looks.get(data.key);
}

class Look {
    constructor() {
        this.watchers = new Set();
        this.curves = new Map();
        this.inverted = false;
        this.ruler = null; // { from, to } in fractions of the image
        this.model = null;
        this.version = 0;
    }

    // What the server says of the radiograph; follows the model's window when that changes.
    async take(data) {
        const text = JSON.stringify(data); // two panes say the same of one radiograph
        if (this.text === text) return;
        this.text = text;
        this.data = data;
        this.hiddenShade = shadeOf(data.hiddenGray);
        const table = data.table ? new Float64Array((await inflatedText(data.table)).buffer) : null;
        const curves = new Map();
        for (const preset of data.presets) {
            if (preset.gray) curves.set(preset.name, await inflatedText(preset.gray));
        }
        if (this.data !== data) return; // newer words came in the meantime
        this.table = table;
        this.curves = curves;
        const chosen = this.modelPreset;
        const model = JSON.stringify([chosen.name, chosen.low, chosen.high]);
        if (model !== this.model) {
            this.model = model;
            if (!this.isModels) this.choose(chosen.name);
        }
        this.#changed();
    }

    get modelPreset() {
        return this.data.presets.find((preset) => preset.name === this.data.model);
    }

    get step() {
        return Math.abs(this.data.slope) || 1;
    }

    get centre() {
        return (this.low + this.high) / 2;
    }

    get width() {
        return this.high - this.low;
    }

    // Whether the model gets the radiograph under this very window.
    get isModels() {
        const { name, low, high, gray } = this.modelPreset;
        if (this.name === name) return true;
        const near = 1e-6 * this.width;
        const same = Math.abs(this.low - low) <= near && Math.abs(this.high - high) <= near;
        return same && !gray && !this.curves.has(this.name);
    }

    valueOf(code) {
        return this.table ? this.table[code] : this.data.first + this.data.slope * code;
    }

    choose(name) {
        const preset = this.data.presets.find((each) => each.name === name);
        if (!preset) return;
        [this.name, this.low, this.high] = [name, preset.low, preset.high];
        this.#changed();
    }

    // Says whether it is a window: beside a very large centre a small width is lost to rounding.
    window(centre, width) {
        const wide = Math.max(width, this.step);
        const [low, high] = [centre - wide / 2, centre + wide / 2];
        if (!(width > 0 && low < high && Number.isFinite(high - low))) return false;
        [this.name, this.low, this.high] = [OWN, low, high];
        this.#changed();
        return true;
    }

    invert() {
        this.inverted = !this.inverted;
        this.#changed();
    }

    measure(ruler) {
        this.ruler = ruler;
        this.tell();
    }

    reset() {
        this.inverted = false;
        this.ruler = null;
        this.choose(this.modelPreset.name);
    }

    tell() {
        for (const watcher of this.watchers) watcher();
    }

    #changed() {
        this.version++;
        this.shades = this.#shades();
        this.tell();
    }

    // The word of a pixel on the canvas, for each code.
    #shades() {
        const { count, inverted, padding } = this.data;
        const curve = this.curves.get(this.name);
        const scale = 255 / Math.max(this.high - this.low, Number.MIN_VALUE);
        const flip = inverted !== this.inverted;
        const shades = new Uint32Array(count);
        for (let code = 0; code < count; code++) {
            let gray = curve ? curve[code] : (this.valueOf(code) - this.low) * scale;
            gray = Math.round(Math.min(255, Math.max(0, gray)));
            shades[code] = shadeOf(flip ? 255 - gray : gray);
        }
        if (padding) shades.fill(shadeOf(0), padding[0], padding[1] + 1);
        return shades;
    }
}

// A heatmap's levels as colours, ready to be laid over a radiograph.
export async function heatCanvas(heat) {
    const levels = await inflatedText(heat.levels);
    const colours = new Uint32Array(bytesOf(heat.colours).buffer);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [heat.width, heat.height];
    const context = canvas.getContext("2d");
    const image = context.createImageData(heat.width, heat.height);
    const words = new Uint32Array(image.data.buffer);
    for (let i = 0; i < words.length; i++) words[i] = colours[levels[i]];
    context.putImageData(image, 0, 0);
    return canvas;
}
