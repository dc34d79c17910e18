'use strict';
// A chart of curves by dygraphs: values under the pointer, zoom, a log axis, curves on and off. Everything the pointer
// does the keyboard can do too: the slider walks along the curves and says their values.
//
// chart: {name, label, x_label, log, log_x, x: […], series: [{name, colour, dashed, y: […]}], marks: [{x, colour, text}]};
// null in y is a gap.
class Curves {
  constructor(chart, low) {
    this.chart = chart;
    this.log = chart.log;
    this.place = chart.log_x ? Math.log10 : x => x;  // where an x stands on the axis
    this.canvas = el('div', {class: low ? 'canvas low' : 'canvas', 'aria-hidden': 'true'});
    this.values = chart.series.map(() => el('span', {class: 'value', text: ''}));
    this.at = el('div', {class: 'at'});
    this.boxes = chart.series.map((series, k) => el('input', {
      type: 'checkbox', checked: true, change: event => this.graph.setVisibility(k, event.target.checked)}));
    this.slider = el('input', {type: 'range', min: 0, max: Math.max(0, chart.x.length - 1), value: chart.x.length - 1,
      'aria-label': chart.x_label + ', to read the values of ' + chart.label,
      input: () => this.select(Number(this.slider.value))});
    this.logButton = el('button', {type: 'button', text: 'log', 'aria-pressed': String(this.log),
      title: 'Logarithmic or linear axis', click: () => this.setLog(!this.log)});
    const tool = (text, label, click) => el('button', {type: 'button', text, 'aria-label': label, title: label, click});
    this.element = el('figure', {class: 'chart', id: 'chart-' + chart.name, 'aria-label': chart.label},
      el('div', {class: 'head'}, el('h3', {text: chart.label}), this.logButton,
        tool('+', 'Zoom in', () => this.zoom(0.5)), tool('−', 'Zoom out', () => this.zoom(2)),
        tool('all', 'Show everything', () => this.graph.resetZoom())),
      this.canvas, this.slider, this.at,
      el('div', {class: 'legend', role: 'group', 'aria-label': 'Curves'}, ...chart.series.map((series, k) =>
        el('label', {}, this.boxes[k], swatch(series), el('span', {class: 'name', text: series.name}), this.values[k]))));
  }

  // To be called once the element is in the page, so that its size is known.
  draw() {
    const chart = this.chart;
    const rows = chart.x.map((x, i) => [this.place(x), ...chart.series.map(series => series.y[i])]);
    const series = {};
    chart.series.forEach((s, k) => {
      series['y' + k] = {strokePattern: s.dashed ? [6, 4] : null, strokeWidth: s.colour < 7 ? 2 : 1};
    });
    this.graph = new Dygraph(this.canvas, rows, {
      // Names of people never reach dygraphs, which takes its labels as markup.
      labels: ['x', ...chart.series.map((_, k) => 'y' + k)], series, legend: 'never', logscale: this.log,
      axes: {y: {axisLabelFormatter: number, axisLabelWidth: 62}, x: chart.log_x ? {ticker: decades} : {axisLabelFormatter: number}},
      connectSeparatedPoints: Boolean(chart.connect), drawPoints: chart.x.length <= 40, pointSize: 2, highlightCircleSize: 4, xRangePad: 4, yRangePad: 6,
      dateWindow: rows.length === 1 ? [rows[0][0] - 1, rows[0][0] + 1] : null, animatedZooms: false, ...this.colours(),
      highlightCallback: (event, x, points, row) => this.show(row),
      unhighlightCallback: () => this.show(Number(this.slider.value)),
      underlayCallback: (context, area, graph) => this.drawMarks(context, area, graph)});
    this.show(chart.x.length - 1);
    if (window.ResizeObserver) new ResizeObserver(() => this.graph.resize()).observe(this.canvas);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.graph.updateOptions(this.colours()));
  }

  colours() {
    const style = getComputedStyle(document.documentElement);
    return {colors: this.chart.series.map(series => colour(series.colour)),
      gridLineColor: style.getPropertyValue('--grid').trim(), axisLineColor: style.getPropertyValue('--faint').trim()};
  }

  drawMarks(context, area, graph) {
    for (const mark of this.chart.marks) {
      const x = graph.toDomXCoord(this.place(mark.x));
      if (!(x >= area.x && x <= area.x + area.w)) continue;
      context.save();
      context.strokeStyle = colour(mark.colour);
      context.globalAlpha = 0.7;
      context.setLineDash([2, 4]);
      context.beginPath();
      context.moveTo(x, area.y);
      context.lineTo(x, area.y + area.h);
      context.stroke();
      context.restore();
    }
  }

  setLog(log) {
    this.log = log;
    this.logButton.setAttribute('aria-pressed', String(log));
    this.graph.updateOptions({logscale: log, valueRange: null});
  }

  // The part of the axis shown becomes `factor` as wide, around the slider's place.
  zoom(factor) {
    const [low, high] = this.graph.xAxisRange(), [least, most] = this.graph.xAxisExtremes();
    const at = Math.min(high, Math.max(low, this.place(this.chart.x[Number(this.slider.value)])));
    const from = Math.max(least, at - (at - low) * factor), to = Math.min(most, at + (high - at) * factor);
    if (to > from) this.graph.updateOptions({dateWindow: [from, to]});
  }

  select(row) {
    this.graph.setSelection(row);
    this.show(row);
  }

  show(row) {
    const chart = this.chart;
    if (row < 0 || row >= chart.x.length) return;
    const texts = chart.series.map(series => number(series.y[row]));
    this.values.forEach((value, k) => { value.textContent = texts[k]; });
    this.at.textContent = chart.x_label + ' ' + number(chart.x[row]) +
      chart.marks.filter(mark => mark.x === chart.x[row]).map(mark => ' — ' + mark.text).join('');
    this.slider.setAttribute('aria-valuetext', this.at.textContent + ': ' +
      chart.series.map((series, k) => series.name + ' ' + texts[k]).join(', '));
  }
}

// Ticks of an axis of logarithms: powers of ten, and 2 and 5 times those where there are few.
function decades(low, high, pixels) {
  const ticks = [];
  const most = Math.max(2, pixels / 55);  // labels that have room
  const factors = 3 * (high - low) <= most ? [1, 2, 5] : [1];
  const stride = Math.max(1, Math.ceil((high - low) / most));
  for (let power = Math.floor(low); power <= Math.ceil(high); power += stride)
    for (const factor of factors) {
      const v = power + Math.log10(factor);
      if (v >= low - 1e-9 && v <= high + 1e-9) ticks.push({v, label: number(factor * 10 ** power)});
    }
  return ticks;
}

// Values stand in our own legend; that of dygraphs would write markup with styles, which the page's policy forbids.
Dygraph.PLUGINS = Dygraph.PLUGINS.filter(plugin => plugin !== Dygraph.Plugins.Legend);
