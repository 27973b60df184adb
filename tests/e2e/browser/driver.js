// SPDX-License-Identifier: Apache-2.0
// Runs a headless Chromium and does in its pages what lines on stdin say:
// {"page": NAME, "do": FUNCTION, "with": [...]}; each is answered by {"is": ...} or {"failed": ...}.
"use strict";

const fs = require("fs");
const http = require("http");
const path = require("path");
const readline = require("readline");
const {createRequire} = require("module");

const [modules, executable] = process.argv.slice(2);
const {chromium} = createRequire(path.join(modules, "package.json"))("playwright-core");
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

// A page of a secure origin that is on this machine, as those are that it speaks with.
async function serve() {
	const server = http.createServer((request, response) => {
		response.setHeader("Content-Type", "text/html");
		response.end("<!doctype html><title>peer</title>");
	});
	await new Promise((done) => server.listen(0, "127.0.0.1", done));
	return server;
}

async function open(context, pages, name) {
	const page = await context.newPage();
	await page.goto("/");
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
	const server = await serve();
	const baseURL = `http://localhost:${server.address().port}/`;
	const context = await browser.newContext({baseURL});
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
	server.close();
}

main();
