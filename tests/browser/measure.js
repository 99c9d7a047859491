// Measures the page as a reader sees it; run in the page by reading.py.

/** Red, green and blue from 0 to 255 and alpha from 0 to 1 of any colour that CSS can write. */
function channels(colour) {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
  return [red, green, blue, alpha / 255];
}

function over(top, below) {
  const mix = (index) => top[index] * top[3] + below[index] * (1 - top[3]);
  return [mix(0), mix(1), mix(2), 1];
}

/** What the browser paints where the page paints nothing, in the scheme in force. */
function canvas() {
  const probe = document.createElement("i");
  probe.style.backgroundColor = "Canvas";
  document.documentElement.append(probe);
  const colour = channels(getComputedStyle(probe).backgroundColor);
  probe.remove();
  return colour;
}

function lineage(element) {
  return element ? [...lineage(element.parentElement), element] : [];
}

function background(element) {
  return lineage(element)
    .map((each) => channels(getComputedStyle(each).backgroundColor))
    .reduce((below, top) => over(top, below), canvas());
}

/** As WCAG 2 defines it. */
function luminance(colour) {
  const [red, green, blue] = colour.slice(0, 3).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(element, style) {
  const opacity = lineage(element).reduce((all, each) => all * getComputedStyle(each).opacity, 1);
  const [red, green, blue, alpha] = channels(style.color);
  const below = background(element);
  const both = [luminance(over([red, green, blue, alpha * opacity], below)), luminance(below)];
  return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
}

/** Hidden from the eye on purpose, yet read out. */
function unseen(element) {
  return lineage(element).some((each) => getComputedStyle(each).clipPath === "inset(50%)");
}

/** Every text that is seen, with its rectangles in the page, its element and node. */
function pieces() {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    const range = document.createRange();
    range.selectNodeContents(node);
    const boxes = [...range.getClientRects()];
    if (node.data.trim() && boxes.length && !unseen(element)) {
      found.push({text: node.data.trim(), boxes, element, node});
    }
  }
  return found;
}

/** The texts that CSS puts before elements. Those taken out of the line have a box of their own. */
function labels() {
  return [...document.body.querySelectorAll("*")]
    .map((element) => ({element, style: getComputedStyle(element, "::before")}))
    .filter(({style}) => style.content !== "none" && style.content !== "normal")
    .map(({element, style}) => ({text: style.content.split('"')[1], element, style}))
    .map((label) => ({...label, boxes: label.style.position === "absolute" ? [box(label)] : []}));
}

/** Where a label that begins its element is. */
function box({text, element, style}) {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  context.font = style.font;
  const {left, top} = element.getBoundingClientRect();
  const start = left + parseFloat(style.left);
  return {left: start, right: start + context.measureText(text).width, top,
          bottom: top + parseFloat(style.lineHeight)};
}

/** Where a text ends before its end: at the edge of the page or of what holds it. */
function cut({boxes, element}) {
  const outer = [{left: 0, right: innerWidth}, ...lineage(element)
    .filter((each) => getComputedStyle(each).overflowX !== "visible")
    .map((each) => each.getBoundingClientRect())];
  return boxes.some((box) => outer.some(
    ({left, right}) => box.left < left - 0.5 || box.right > right + 0.5));
}

function texts() {
  const seen = pieces().map((piece) => ({...piece, style: getComputedStyle(piece.element)}));
  return [...seen, ...labels()].map((piece) => ({
    text: piece.text.slice(0, 60),
    contrast: contrast(piece.element, piece.style),
    size: parseFloat(piece.style.fontSize),
    cut: cut(piece),
  }));
}

/** Pairs of texts that lie over each other. */
function overlaps() {
  const all = [...pieces(), ...labels()]
    .flatMap(({text, boxes}) => boxes.map((each) => ({text, box: each})));
  const touch = (one, two) => one.left < two.right - 1 && two.left < one.right - 1 &&
    one.top < two.bottom - 4 && two.top < one.bottom - 4;
  return all.flatMap((one, index) => all.slice(index + 1)
    .filter((two) => touch(one.box, two.box)).map((two) => [one.text, two.text]));
}

/** Words of a usual length, without a hyphen, that do not fit into the line they got. */
function broken() {
  const lines = (node, word) => {
    const range = document.createRange();
    range.setStart(node, word.index);
    range.setEnd(node, word.index + word[0].length);
    return new Set([...range.getClientRects()].map(({top}) => top)).size;
  };
  return pieces().flatMap(({node}) => [...node.data.matchAll(/(?<!\S)[^\s-]{2,15}(?!\S)/g)]
    .filter((word) => lines(node, word) > 1).map(([word]) => word));
}

function layout() {
  return {
    width: innerWidth,
    content: document.scrollingElement.scrollWidth,
    links: [...document.links].map((link) => {
      const {width, height} = link.getBoundingClientRect();
      return {text: link.textContent, width, height};
    }),
  };
}

/** What a reader of the HTML finds, without any style. */
function content() {
  const text = (element) => element.textContent.trim();
  return {
    lang: document.documentElement.lang,
    title: document.title,
    headings: [...document.querySelectorAll("h1")].map(text),
    body: document.body.innerText,
    links: [...document.links].map((link) => link.href),
    captions: [...document.querySelectorAll("table > caption")].map(text),
    columns: [...document.querySelectorAll("thead th")].map((head) => [text(head), head.scope]),
    rows: [...document.querySelectorAll("tbody tr")].map((row) => [...row.cells].map(text)),
    scopes: [...document.querySelectorAll("tbody tr")].map((row) => row.cells[0].scope),
    times: [...document.querySelectorAll("time")].map((time) => [time.dateTime, text(time)]),
    scripts: document.scripts.length,
    images: document.images.length,
  };
}
