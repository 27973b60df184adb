// SPDX-License-Identifier: Apache-2.0
// Runs a headless Chromium and does in its pages what lines on stdin say:
// {"page": NAME, "do": FUNCTION, "with": [...]}; each is answered by {"is": ...} or {"failed": ...}.
"use strict";

const fs = require("fs");
const path = require("path");
const readline = require("readline");
const {createRequire} = require("module");

const [modules, executable] = process.argv.slice(2);
const {chromium} = createRequire(path.join(modules, "package.json"))("playwright-core");
const ORIGIN = "http://localhost/";
const script = fs.readFileSync(path.join(__dirname, "peer.js"), "utf8");

const flags = [
	"--allow-loopback-in-peer-connection",
	"--use-fake-device-for-media-stream",
	"--use-fake-ui-for-media-stream",
	"--autoplay-policy=no-user-gesture-required",
	"--disable-features=WebRtcHideLocalIpsWithMdns",
	"--disable-gpu",
	"--disable-dev-shm-usage",
];

async function open(context, pages, name) {
	const page = await context.newPage();
	await page.goto(ORIGIN);
	await page.addScriptTag({content: script});
	pages.set(name, page);
}

async function act(context, pages, line) {
	if (line.do === "open")
		return open(context, pages, line.page);
	const page = pages.get(line.page);
	if (line.do === "close") {
		pages.delete(line.page);
		return page.close();
	}
	return page.evaluate(([name, words]) => peer[name](...words), [line.do, line.with]);
}

async function main() {
	const browser = await chromium.launch({
		executablePath: executable, headless: true, args: flags,
		chromiumSandbox: process.getuid() !== 0,
	});
	const context = await browser.newContext();
	// A page of a secure origin, without a server.
	await context.route(ORIGIN + "**", (route) =>
		route.fulfill({contentType: "text/html", body: "<!doctype html><title>peer</title>"}));
	const pages = new Map();
	console.log(JSON.stringify({is: browser.version()}));
	for await (const text of readline.createInterface({input: process.stdin})) {
		try {
			const is = await act(context, pages, JSON.parse(text));
			console.log(JSON.stringify({is: is === undefined ? null : is}));
		} catch (error) {
			console.log(JSON.stringify({failed: String(error.stack)}));
		}
	}
	await browser.close();
}

main();
