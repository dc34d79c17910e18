'use strict';
// Elements made from data. Text goes in as text and attributes as attributes: nothing here reads markup.

// el('td', {class: 'number', text: '3'}, child…): `text` is the element's text, a function an event's listener, true an
// empty attribute, false and null none.
function el(tag, attributes = {}, ...children) {
  const svg = el.svg.has(tag);
  const element = svg ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'text') element.textContent = value;
    else if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter(child => child !== null && child !== undefined));
  return element;
}
el.svg = new Set(['svg', 'g', 'path', 'circle', 'rect', 'text', 'clipPath', 'defs', 'polygon', 'desc']);

// A number as people read it, five digits at most; – for what is none.
function number(x) {
  if (typeof x !== 'number' || !Number.isFinite(x)) return '–';
  if (x === 0) return '0';
  const size = Math.abs(x);
  const text = size >= 1e6 || size < 1e-4 ? x.toExponential(3).replace(/\.?0+e/, 'e') : String(Number(x.toPrecision(5)));
  return text.replace('-', '−').replace('e+', 'e').replace('e-', 'e−');
}

// A section with a heading and a line in the contents.
function section(id, title, ...children) {
  const heading = el('h2', {id: id + '-title', text: title});
  document.getElementById('report').append(
    el('section', {id, 'aria-labelledby': id + '-title'}, heading, ...children));
  section.list.append(el('li', {}, el('a', {href: '#' + id, text: title})));
}
section.list = el('ul');

// A table from the names of its columns and rows of texts and numbers; one that is too wide scrolls by itself.
function table(columns, rows, {caption = null, label = caption, id = null, mark = null} = {}) {
  const numeric = columns.map((_, i) => rows.some(row => typeof row[i] === 'number'));
  const cell = (value, i) => el(i === 0 ? 'th' : 'td', {
    scope: i === 0 ? 'row' : null, class: numeric[i] ? 'number' : null,
    text: value === null ? '–' : typeof value === 'number' ? number(value) : value});
  const body = rows.map((row, k) => {
    const tr = el('tr', {}, ...row.map(cell));
    if (mark) mark(tr, k);
    return tr;
  });
  return el('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': label || 'table'},
    el('table', {id}, caption === null ? null : el('caption', {text: caption}),
      el('thead', {}, el('tr', {}, ...columns.map((name, i) =>
        el('th', {scope: 'col', class: numeric[i] ? 'number' : null, text: name})))),
      el('tbody', {}, ...body)));
}

function colour(index) {
  return getComputedStyle(document.documentElement).getPropertyValue('--series-' + index % 7).trim();
}

function swatch(series) {
  const mark = el('span', {class: series.dashed ? 'swatch dashed' : 'swatch', 'aria-hidden': 'true'});
  mark.style.borderTopColor = 'var(--series-' + series.colour % 7 + ')';
  return mark;
}
