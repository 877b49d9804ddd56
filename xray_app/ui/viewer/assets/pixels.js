// A radiograph's pixels: fetched once, kept as codes, and turned into gray by a table of 256 levels.

const KEPT = 3; // radiographs; each may take 128 MB
const SMALLEST = 96; // pixels; a level of the pyramid is no smaller
const loading = new Map();

export const canInflate = typeof DecompressionStream === "function";

export async function inflated(stream) {
    return new Uint8Array(
        await new Response(stream.pipeThrough(new DecompressionStream("deflate"))).arrayBuffer(),
    );
}

export function bytesOf(base64) {
    return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

export async function inflatedText(base64) {
    return inflated(new Blob([bytesOf(base64)]).stream());
}

// The inverse of xray_app/core/images/packing.py.
export function unpacked(bytes, width, height, isWide) {
    const count = width * height;
    if (bytes.length !== count * (isWide ? 2 : 1)) throw new Error("pixels cut short");
    const codes = isWide ? new Uint16Array(count) : bytes;
    for (let row = 0; row < height; row++) {
        const end = (row + 1) * width;
        let code = 0;
        for (let i = row * width; i < end; i++) {
            if (isWide) {
                const folded = (bytes[i] << 8) | bytes[count + i];
                code += (folded >>> 1) ^ -(folded & 1);
            } else {
                code += bytes[i];
            }
            codes[i] = code;
            code = codes[i];
        }
    }
    return codes;
}

async function fetched(url, width, height, isWide) {
    // Not kept on the disk of whoever looks at it.
    const answer = await fetch(url, { cache: "no-store" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return unpacked(await inflated(answer.body), width, height, isWide);
}

// The pixels behind an address, once for all panes that show them.
export function pixelsAt(urls, data) {
    if (!loading.has(urls.values)) {
        const made = load(urls, data);
        made.catch(() => loading.delete(urls.values));
        loading.set(urls.values, made);
        while (loading.size > KEPT) loading.delete(loading.keys().next().value);
    }
    return loading.get(urls.values);
}

async function load(urls, data) {
    const { width, height } = data;
    const codes = await fetched(urls.values, width, height, data.wide);
    const hidden = urls.hidden ? await fetched(urls.hidden, width, height, false) : null;
    return new Pixels(codes, hidden, width, height);
}

class Pixels {
    constructor(codes, hidden, width, height) {
        this.levels = [{ codes, width, height }];
        this.hidden = hidden;
        this.canvas = document.createElement("canvas");
        this.context = this.canvas.getContext("2d", { willReadFrequently: true });
        this.drawn = "";
    }

    // Level n has a pixel for 2^n x 2^n of the file's: the mean of their codes.
    level(n) {
        while (this.levels.length <= n) this.levels.push(halved(this.levels.at(-1)));
        return this.levels[n];
    }

    // The level that has at least one pixel for each of the screen's.
    levelFor(screenPixelsPerPixel) {
        let n = 0;
        const { width, height } = this.levels[0];
        while (
            screenPixelsPerPixel * 2 ** (n + 1) <= 1 &&
            Math.min(width, height) / 2 ** (n + 1) >= SMALLEST
        )
            n++;
        return n;
    }

    // A canvas with the pixels [left, right) x [top, bottom) of a level as `look` shows them.
    gray(n, left, top, right, bottom, look) {
        const asked = [n, left, top, right, bottom, look.version].join();
        if (asked === this.drawn) return this.canvas;
        const { codes, width } = this.level(n);
        const columns = right - left;
        if (this.canvas.width !== columns || this.canvas.height !== bottom - top || !this.image) {
            this.canvas.width = columns;
            this.canvas.height = bottom - top;
            this.image = this.context.createImageData(columns, bottom - top);
            this.words = new Uint32Array(this.image.data.buffer);
        }
        const { words } = this;
        const { shades } = look;
        let at = 0;
        for (let y = top; y < bottom; y++) {
            const end = y * width + right;
            for (let i = y * width + left; i < end; i++) words[at++] = shades[codes[i]];
        }
        if (this.hidden) this.#hide(n, left, top, right, bottom, look.hiddenShade);
        this.context.putImageData(this.image, 0, 0);
        this.drawn = asked;
        return this.canvas;
    }

    #hide(n, left, top, right, bottom, shade) {
        const { width, height } = this.levels[0];
        let at = 0;
        for (let y = top; y < bottom; y++) {
            const row = Math.min(height - 1, y << n) * width;
            for (let x = left; x < right; x++, at++) {
                if (this.hidden[row + Math.min(width - 1, x << n)]) this.words[at] = shade;
            }
        }
    }
}

function halved({ codes, width, height }) {
    const columns = (width + 1) >> 1;
    const rows = (height + 1) >> 1;
    const made = new codes.constructor(columns * rows);
    let at = 0;
    for (let y = 0; y < rows; y++) {
        const upper = 2 * y * width;
        const lower = Math.min(2 * y + 1, height - 1) * width;
        for (let x = 0; x < columns; x++) {
            const a = 2 * x;
            const b = Math.min(a + 1, width - 1);
            made[at++] =
                (codes[upper + a] + codes[upper + b] + codes[lower + a] + codes[lower + b] + 2) >> 2;
        }
    }
    return { codes: made, width: columns, height: rows };
}

export function shadeOf(gray) {
    return (0xff000000 | (gray * 0x010101)) >>> 0; // opaque; all three channels are the same
}
