'use strict';
// The page from its data:
//   title, subtitle, foot
//   summary: [{name, colour, verdict, sentences: […], figures: {columns, rows}, facts: [[name, value]…]}]   a card each
//   formulas: [[name, text]…]
//   scene: see contour.js                       charts: […] see curves.js
//   config: {runs: […], rows: [{key, values: […], differs}]}
//   models: [{name, network: {columns, rows, caption}, confusion: {caption, names, counts}, samples: {caption, columns, rows}}]
//   sweep: {caption, columns, rows, chart}      steps: {caption, columns, rows}
//   notes: [text…]
// Whatever is not there is left out.
const data = JSON.parse(document.getElementById('data').textContent);
const report = {charts: [], contour: null};  // what tests and curious people look at

function showHead() {
  document.getElementById('head').append(el('h1', {text: data.title}), el('p', {class: 'faint', text: data.subtitle}));
  document.getElementById('contents').append(section.list);
  document.getElementById('foot').append(el('p', {text: data.foot}));
}

function showSummary() {
  const card = run => el('div', {class: 'card'},
    data.summary.length > 1 ? el('h3', {}, swatch(run), run.name) : null,
    run.verdict ? el('p', {class: 'verdict', text: run.verdict}) : null,
    ...run.sentences.map(text => el('p', {text})),
    run.figures ? table(run.figures.columns, run.figures.rows, {label: 'Figures'}) : null,
    el('dl', {}, ...run.facts.flatMap(([name, value]) =>
      [el('dt', {text: name}), el('dd', {text: typeof value === 'number' ? number(value) : value})])));
  section('summary', 'Summary', el('div', {class: 'cards'}, ...data.summary.map(card)),
    ...(data.notes || []).map(text => el('p', {class: 'faint', text: 'Note: ' + text})));
}

function showFormulas() {
  section('formulas', 'Formula', el('div', {class: 'card'},
    ...data.formulas.map(([name, text]) => el('pre', {text: name + ' = ' + text}))));
}

function showScene() {
  report.contour = new Contour(data.scene);
  section('path', 'Path', report.contour.element);
}

// The numbers of a chart for those who do not see it: some rows, the last among them.
function numbers(chart) {
  const stride = Math.max(1, Math.ceil(chart.x.length / 20)), rows = [];
  for (let i = chart.x.length - 1; i >= 0; i -= stride) rows.unshift([chart.x[i], ...chart.series.map(s => s.y[i])]);
  return el('details', {class: 'plain'}, el('summary', {text: 'Numbers of ' + chart.label}),
    table([chart.x_label, ...chart.series.map(series => series.name)], rows, {caption: chart.label}));
}

function addChart(chart, low) {
  const curves = new Curves(chart, low);
  report.charts.push(curves);
  return curves;
}

function showCurves() {
  const charts = data.charts.map((chart, k) => addChart(chart, k > 0));
  section('curves', 'Curves',
    el('p', {class: 'faint', text: 'Drag over a curve to zoom in, double-click to see all; or use the buttons and the slider.'}),
    ...charts.flatMap(curves => [curves.element, numbers(curves.chart)]));
  charts.forEach(curves => curves.draw());
}

function showConfig() {
  const {runs, rows} = data.config;
  const several = runs.length > 1;
  const shown = table(['setting', ...runs], rows.map(row => [row.key, ...row.values]), {
    caption: several ? 'Settings; what differs between the runs is marked' : 'Settings',
    id: 'config', mark: (tr, k) => { if (rows[k].differs) tr.classList.add('differs'); }});
  if (!several) {
    section('settings', 'Settings', el('details', {}, el('summary', {text: rows.length + ' settings'}), shown));
    return;
  }
  const toggle = el('input', {type: 'checkbox', checked: true,
    change: () => shown.classList.toggle('only-differences', toggle.checked)});
  shown.classList.add('only-differences');
  section('settings', 'Settings', el('p', {}, el('label', {}, toggle, ' only what differs')), shown);
}

// Counts in colour: blue what is right, red what is not, as strong as their share of the row.
function confusionTable({caption, names, counts}) {
  const header = el('tr', {}, el('th', {scope: 'col', text: 'true \\ predicted'}),
    ...names.map(name => el('th', {scope: 'col', text: name})));
  const rows = counts.map((row, i) => {
    const total = row.reduce((a, b) => a + b, 0) || 1;
    return el('tr', {}, el('th', {scope: 'row', text: names[i]}), ...row.map((count, j) => {
      const cell = el('td', {text: String(count)});
      const strength = count === 0 ? 0 : 0.15 + 0.6 * count / total;
      cell.style.backgroundColor = `rgba(var(--${i === j ? 'right' : 'wrong'}), ${strength.toFixed(3)})`;
      return cell;
    }));
  });
  return el('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption},
    el('table', {class: 'matrix'}, el('caption', {text: caption}), el('thead', {}, header), el('tbody', {}, ...rows)));
}

function showModels() {
  const parts = [['network', 'Network', part => table(part.columns, part.rows, {caption: part.caption})],
    ['confusion', 'Confusion matrix', confusionTable],
    ['samples', 'Worst predictions', part => table(part.columns, part.rows, {caption: part.caption})]];
  for (const [key, title, make] of parts) {
    const having = data.models.filter(model => model[key]);
    if (having.length === 0) continue;
    section(key, title, ...having.map((model, k) => data.models.length === 1 ? make(model[key])
      : el('details', {open: k === 0}, el('summary', {text: model.name}), make(model[key]))));
  }
}

function showSweep() {
  const {caption, columns, rows, chart} = data.sweep;
  const curves = chart ? addChart(chart, true) : null;
  section('sweep', 'Learning rates tried', curves ? curves.element : null,
    el('details', {open: !curves}, el('summary', {text: rows.length + ' rates'}), table(columns, rows, {caption})));
  if (curves) curves.draw();
}

function showSteps() {
  section('steps', 'Steps', table(data.steps.columns, data.steps.rows, {caption: data.steps.caption}));
}

showHead();
showSummary();
if (data.formulas) showFormulas();
if (data.scene) showScene();
if (data.charts && data.charts.length > 0) showCurves();
if (data.sweep) showSweep();
if (data.steps) showSteps();
if (data.config) showConfig();
if (data.models) showModels();
document.documentElement.dataset.ready = 'yes';
