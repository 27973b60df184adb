// SPDX-License-Identifier: Apache-2.0
// Asks a relay by the npm package rtpengine-client what lines on stdin say:
// {"do": COMMAND, "with": {...}}; each is answered by a line {"is": ...} or {"failed": ...}.
"use strict";

const path = require("path");
const readline = require("readline");
const {createRequire} = require("module");

const [modules, transport, port] = process.argv.slice(2);
const {Client, TcpClient} = createRequire(path.join(modules, "package.json"))("rtpengine-client");
const HOST = "127.0.0.1";

// What the package itself says of its work is not an answer.
const say = console.log;
console.log = console.error;

function connect() {
	if (transport === "udp") {
		const client = new Client({timeout: 5000});
		return [client, "listening", (name, keys) => client[name]({host: HOST, port: Number(port)},
			keys)];
	}
	const client = new TcpClient({hostport: `${HOST}:${port}`, timeout: 5000});
	return [client, "connect", (name, keys) => client[name](keys)];
}

async function main() {
	const [client, ready, ask] = connect();
	await new Promise((done) => client.on(ready, done));
	for await (const text of readline.createInterface({input: process.stdin})) {
		const line = JSON.parse(text);
		try {
			say(JSON.stringify({is: await ask(line.do, line.with)}));
		} catch (error) {
			say(JSON.stringify({failed: String(error.stack || error)}));
		}
	}
	client.close();
}

main();
