// A picture with its controls, as Streamlit mounts it: st.components.v2, shadow root.

import { Pane, shown } from "./pane.js";
import { views } from "./view.js";

const BASE = new URL("../../../", import.meta.url); // of the app, wherever it is served
const mounted = new WeakMap();

export default function viewer({ data, parentElement, setTriggerValue }) {
    let one = mounted.get(parentElement);
    if (!one) {
        one = new Controls(new Pane(parentElement), parentElement);
        mounted.set(parentElement, one);
    }
    one.use = (window) => setTriggerValue("window", window);
    one.take(data);
    return () => {
        one.pane.end();
        mounted.delete(parentElement);
    };
}

class Controls {
    constructor(pane, root) {
        this.pane = pane;
        this.find = (selector) => root.querySelector(selector);
        pane.onDrawn = () => this.refresh();
        for (const button of root.querySelectorAll("button")) {
            button.addEventListener("click", () => this.#click(button.dataset));
        }
        this.find(".preset").addEventListener("change", (e) => pane.look.choose(e.target.value));
        for (const name of ["centre", "width"]) {
            this.find(`.${name}`).addEventListener("change", () => this.#typed());
        }
    }

    take(data) {
        this.data = data;
        const isHeat = data.kind === "heatmap";
        this.find(".tools").hidden = isHeat;
        this.find(".shown").hidden = isHeat;
        this.find(".windows").hidden = isHeat;
        this.find(".help").hidden = isHeat;
        this.find(".model").hidden = data.kind !== "radiograph";
        this.find(".region").hidden = !data.region?.length;
        const options = data.pixels.presets.map(({ name, label }) => new Option(label, name));
        this.find(".preset").replaceChildren(...options, new Option("Your own", "own"));
        this.pane.take(data, BASE).then(() => this.refresh());
    }

    #click({ tool, do: what }) {
        const { pane } = this;
        const acts = {
            closer: () => pane.zoomBy(1.25),
            farther: () => pane.zoomBy(0.8),
            fit: () => pane.fit(),
            one: () => pane.oneToOne(),
            invert: () => pane.look.invert(),
            link: () => views.link(!views.isLinked, pane),
            reset: () => pane.reset(),
            region: () => {
                pane.isRegionAsked = !pane.isRegionAsked;
                pane.changed();
            },
            use: () => this.use(this.#asked()),
        };
        if (tool) pane.tool = tool;
        else acts[what]();
        this.refresh();
    }

    #asked() {
        const { name, low, high } = this.pane.look;
        const isOffer = this.data.pixels.offered.includes(name);
        return isOffer ? { name } : { low, high };
    }

    #typed() {
        const [centre, width] = ["centre", "width"].map((name) => this.find(`.${name}`).valueAsNumber);
        if (!this.pane.look.window(centre, width)) this.refresh(true);
    }

    // Makes the controls say what is so; a number that is being typed is left alone.
    refresh(isForced = false) {
        const { look, pane } = { look: this.pane.look, pane: this.pane };
        if (!look?.shades) return;
        const active = this.find(".viewer").getRootNode().activeElement;
        for (const [name, value] of [["centre", look.centre], ["width", look.width]]) {
            const field = this.find(`.${name}`);
            if (field !== active || isForced) field.value = shown(value);
        }
        this.find(".preset").value = look.name;
        for (const button of this.find(".tools").children) {
            button.setAttribute("aria-pressed", String(button.dataset.tool === pane.tool));
        }
        const pressed = { invert: look.inverted, link: views.isLinked, region: pane.isRegionAsked };
        for (const [what, isOn] of Object.entries(pressed)) {
            this.find(`[data-do="${what}"]`).setAttribute("aria-pressed", String(Boolean(isOn)));
        }
        this.find(".share").textContent = pane.isRegionAsked ? this.data.share : "";
        this.#refreshModel(look);
    }

    #refreshModel(look) {
        const isSame = look.isModels;
        const note = isSame
            ? look.inverted
                ? "Display only: the model gets it without this inversion."
                : "As the model gets it."
            : `Display only. The model gets: ${look.modelPreset.label}.`;
        this.find(".note").textContent = look.ruler ? `${note} Ruler: ${this.data.pixels.ruler}.` : note;
        const use = this.find('[data-do="use"]');
        use.hidden = isSame || !this.data.pixels.usable;
    }
}
