// Which part of a picture is seen: linked panes share one view, in fractions of the picture.

const CLOSEST = 32; // screen pixels for one of the file's

export const FIT = Object.freeze({ x: 0.5, y: 0.5, zoom: 1 });

class Views {
    constructor() {
        this.isLinked = true;
        this.panes = new Set();
        this.shared = FIT;
    }

    of(pane) {
        return this.isLinked ? this.shared : (pane.view ?? this.shared);
    }

    set(pane, view) {
        const zoom = Math.min(Math.max(view.zoom, 1), Math.max(1, CLOSEST / pane.cssPerPixel));
        const half = 0.5 / zoom;
        const kept = (place) => Math.min(Math.max(place, half), 1 - half);
        const made = { x: kept(view.x), y: kept(view.y), zoom };
        pane.view = made;
        if (this.isLinked) this.shared = made;
        for (const each of this.panes) {
            if (each === pane || this.isLinked) each.changed();
        }
    }

    link(isLinked, pane) {
        const { shared } = this;
        this.isLinked = isLinked;
        for (const each of this.panes) if (!isLinked) each.view = shared;
        if (isLinked) this.shared = pane.view ?? shared;
        for (const each of this.panes) each.changed();
    }
}

export const views = new Views();
