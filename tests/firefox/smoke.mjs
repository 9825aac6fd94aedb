// Explore in Firefox, over WebDriver BiDi: drags on the map and on a slider, then the one-file page from disk.
// node smoke.mjs <folder with node_modules> <path of firefox> <address of the server> <path of an HTML file>
// Prints what was seen as JSON.

import {createRequire} from 'node:module';
import {pathToFileURL} from 'node:url';

const [modules, executablePath, address, file] = process.argv.slice(2);
const load = createRequire(`${modules}/`);
const {default: puppeteer} = await import(pathToFileURL(load.resolve('puppeteer-core')));

// All that is asked of a network goes to a port where nobody listens.
const blocked = {
  'network.proxy.type': 1, 'network.proxy.http': '127.0.0.1', 'network.proxy.http_port': 9,
  'network.proxy.ssl': '127.0.0.1', 'network.proxy.ssl_port': 9, 'network.proxy.allow_hijacking_localhost': true,
};
const errors = [];
const inApp = await within({}, async page => {
  await page.goto(`${address}/explore?run=digits`);
  return tryOut(page);
});
const [alone, presented, reached] = await within(blocked, async page => {
  const reached = await page.evaluate(url => fetch(url, {mode: 'no-cors'}).then(() => true, () => false), address);
  await page.goto(pathToFileURL(file).href);
  return [await tryOut(page), await present(page), reached];
});
console.log(JSON.stringify({inApp, alone, presented, reached, errors}));

// What is seen on a page of a Firefox with these settings.
async function within(extraPrefsFirefox, look) {
  const browser = await puppeteer.launch({browser: 'firefox', executablePath, headless: true, extraPrefsFirefox});
  try {
    const page = await browser.newPage();
    await page.setViewport({width: 1280, height: 900});
    page.on('pageerror', error => errors.push(String(error)));
    return await look(page);
  } finally {
    await browser.close();
  }
}

// Different pictures seen while the pin and a slider are dragged for a second each, and what the page says.
async function tryOut(page) {
  const picture = await page.waitForFunction(find, {timeout: 60_000}, 'canvas[data-role=picture]');
  await page.waitForFunction(hasColour, {timeout: 60_000}, picture);
  const map = await drag(page, picture, 'canvas[data-role=map]', 0.3, 0.7);
  const slider = await drag(page, picture, '.ls-row input', 0.1, 0.9);
  return {map, slider};
}

// The presenter's view of the file's path: on with F, to the next anchor, off again.
async function present(page) {
  const reads = words => document.querySelector('.lp-reading').textContent.startsWith(words);
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('f');
  await page.waitForFunction(() => document.querySelector('.lp-presenting'));
  const began = await page.evaluate(reads, 'Frame 1 of 24');
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(reads, {}, 'Frame 24 of 24');
  const [reading, notes] = await page.evaluate(() => [
    document.querySelector('.lp-reading').textContent.split(' · ')[0], document.querySelector('.lp-talk p').textContent]);
  await page.keyboard.press('f');
  await page.waitForFunction(() => !document.querySelector('.lp-presenting'));
  return {began, reading, notes, left: true};
}

// Within shadow trees as well; null where there is none.
function find(selector) {
  const search = root => root.querySelector(selector)
    ?? [...root.querySelectorAll('*')].reduce((found, {shadowRoot}) => found ?? (shadowRoot && search(shadowRoot)), null);
  return search(document);
}

function hasColour(canvas) {
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return new Set(data).size > 2;
}

async function drag(page, picture, selector, from, to) {
  const {x, y, width, height} = await (await page.waitForFunction(find, {}, selector)).boundingBox();
  const seen = new Set();
  await page.mouse.move(x + from * width, y + height / 2);
  await page.mouse.down();
  for (let step = 1; step <= 20; step++) {
    await page.mouse.move(x + (from + (to - from) * step / 20) * width, y + height / 2);
    seen.add(await picture.evaluate(readAfterAFrame));
  }
  await page.mouse.up();
  return seen.size;
}

function readAfterAFrame(canvas) {
  const read = () => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.join();
  return new Promise(done => { requestAnimationFrame(() => requestAnimationFrame(() => done(read()))); });
}
