'use strict';
// What gradient descent did on a function of one or two variables, with a slider along its path.
//
// scene: {label, x: {name, low, high, ticks: [[value, text]…]}, y: the same, width, height: of the data in units of the
// drawing, bands: [{fill, d}], lines: d, curve: d or null, path: [[x, y, f, norm, gamma]…] (null for what is no number),
// critical: [{x, y, kind}], f_name}. Paths `d` are in the drawing's units, y downwards.
class Contour {
  constructor(scene) {
    this.scene = scene;
    this.last = scene.path.length - 1;
    const left = 88, top = 40, w = scene.width, h = scene.height;
    this.place = (x, y) => [(x - scene.x.low) / (scene.x.high - scene.x.low) * w,
      h - (y - scene.y.low) / (scene.y.high - scene.y.low) * h];
    this.trail = el('path', {class: 'trail'});
    this.casing = el('path', {class: 'casing'});
    this.dots = el('g');
    this.here = el('circle', {class: 'here', r: 7});
    const inside = el('g', {'clip-path': 'url(#scene-box)'},
      ...scene.bands.map(band => el('path', {d: band.d, fill: band.fill})),
      el('path', {class: 'contours', d: scene.lines}),
      scene.curve ? el('path', {class: 'curve', d: scene.curve}) : null,
      el('path', {class: 'ahead', d: this.polyline(this.last)}), this.casing, this.trail, this.dots,
      ...scene.critical.map(point => this.symbol(point)), this.here);
    this.drawing = el('svg', {viewBox: `0 0 ${w + left + 20} ${h + top + 84}`, role: 'img',
      'aria-label': scene.label}, el('defs', {}, el('clipPath', {id: 'scene-box'}, el('rect', {width: w, height: h}))),
      el('g', {transform: `translate(${left} ${top})`}, inside, el('rect', {class: 'frame', width: w, height: h}),
        ...this.axes(w, h)));
    this.slider = el('input', {type: 'range', min: 0, max: this.last, value: this.last, 'aria-label': 'step',
      input: () => this.show(Number(this.slider.value))});
    this.text = el('p', {class: 'at', id: 'scene-text'});
    this.button = el('button', {type: 'button', text: 'play', click: () => this.play()});
    this.element = el('div', {class: 'scene', id: 'scene'},
      el('div', {class: 'head'}, el('h3', {text: scene.label}), this.last > 0 ? this.button : null),
      this.drawing, this.key(), this.slider, this.text);
    this.show(this.last);
  }

  axes(w, h) {
    const {x, y} = this.scene;
    return [...x.ticks.map(([value, text]) => el('text', {x: this.place(value, y.low)[0], y: h + 32,
        'text-anchor': 'middle', text})),
      ...y.ticks.map(([value, text]) => el('text', {x: -8, y: this.place(x.low, value)[1] + 5, 'text-anchor': 'end', text})),
      el('text', {x: w / 2, y: h + 72, 'text-anchor': 'middle', text: x.name}), el('text', {x: 0, y: -12, text: y.name})];
  }

  // The path up to a step; points that are no numbers break it.
  polyline(step) {
    let d = '', pen = 'M';
    for (const [x, y] of this.scene.path.slice(0, step + 1)) {
      if (x === null || y === null) { pen = 'M'; continue; }
      const [px, py] = this.place(x, y);
      d += `${pen}${px.toFixed(1)} ${py.toFixed(1)}`;
      pen = 'L';
    }
    return d;
  }

  symbol({x, y, kind}) {
    const [px, py] = this.place(x, y);
    return el('g', {transform: `translate(${px} ${py})`}, this.shape(kind));
  }

  shape(kind) {
    const points = {minimum: '-8,-6 8,-6 0,8', maximum: '-8,6 8,6 0,-8', saddle: '-8,0 0,-8 8,0 0,8',
      kink: '0,-8 8,-2 5,7 -5,7 -8,-2'}[kind] ||
      '-6,-6 6,-6 6,6 -6,6';
    return el('polygon', {class: 'critical ' + kind, points}, el('desc', {text: kind}));
  }

  // What the symbols mean, of those that are there.
  key() {
    const kinds = [...new Set(this.scene.critical.map(point => point.kind))];
    if (kinds.length === 0) return null;
    return el('div', {class: 'legend key'}, ...kinds.map(kind => el('span', {},
      el('svg', {viewBox: '-10 -10 20 20', 'aria-hidden': 'true'}, this.shape(kind)), ' ' + kind)));
  }

  show(step) {
    const {path, x, y, f_name} = this.scene, [px, py, f, norm, gamma] = path[step];
    const line = this.polyline(step);
    this.trail.setAttribute('d', line);
    this.casing.setAttribute('d', line);
    const few = path.slice(0, step + 1).filter(p => p[0] !== null && p[1] !== null).slice(0, 60);
    this.dots.replaceChildren(...few.map(p => {
      const [cx, cy] = this.place(p[0], p[1]);
      return el('circle', {class: 'step', r: 3.5, cx, cy});
    }));
    const known = px !== null && py !== null;
    this.here.setAttribute('visibility', known ? 'visible' : 'hidden');
    if (known) {
      const [cx, cy] = this.place(px, py);
      this.here.setAttribute('cx', cx);
      this.here.setAttribute('cy', cy);
    }
    const position = this.scene.curve ? `${x.name} = ${number(px)}` : `${x.name} = ${number(px)}, ${y.name} = ${number(py)}`;
    const text = `step ${step} of ${this.last}: ${position}, ${f_name} = ${number(f)}, ‖∇${f_name}‖ = ${number(norm)}` +
      (step > 0 ? `, γ = ${number(gamma)}` : '');
    this.text.textContent = text;
    this.slider.setAttribute('aria-valuetext', text);
  }

  play() {
    if (this.timer) {
      clearInterval(this.timer);
      this.timer = null;
      this.button.textContent = 'play';
      return;
    }
    let step = Number(this.slider.value) < this.last ? Number(this.slider.value) : -1;
    const stride = Math.max(1, Math.round(this.last / 100));
    this.button.textContent = 'stop';
    this.timer = setInterval(() => {
      step = Math.min(this.last, step + stride);
      this.slider.value = step;
      this.show(step);
      if (step === this.last) this.play();
    }, Math.max(40, Math.min(400, 4000 / (this.last + 1))));
  }
}
