// SPDX-License-Identifier: Apache-2.0
// Server-sent events over fetch(), which unlike EventSource can send a key.

const EVENT_MAX = 65536; // characters; a longer event is a broken stream

/** Events of a stream of bytes, in order; heard() is called whenever something comes. */
export async function* readEvents(body, heard) {
	const reader = body.getReader();
	const decoder = new TextDecoder();
	let text = '', event = { id: null, kind: 'message', data: [] };

	try {
		for (;;) {
			const { value, done } = await reader.read();
			if (done)
				return;
			heard();
			text += decoder.decode(value, { stream: true });
			const lines = text.split(/\r\n|\n|\r(?=[^\n])/);
			text = lines.pop();
			for (const line of lines) {
				if (line !== '') {
					takeLine(event, line);
				} else {
					if (event.data.length > 0)
						yield { ...event, data: event.data.join('\n') };
					event = { id: null, kind: 'message', data: [] };
				}
			}
			if (text.length > EVENT_MAX || event.data.join('').length > EVENT_MAX)
				throw new RangeError('an event is too long');
		}
	} finally {
		await reader.cancel().catch(() => {});
	}
}

function takeLine(event, line) {
	const colon = line.indexOf(':');
	const name = colon < 0 ? line : line.slice(0, colon);
	const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
	if (name === 'data')
		event.data.push(value);
	else if (name === 'event')
		event.kind = value;
	else if (name === 'id' && !value.includes('\0'))
		event.id = value;
}

/** A promise that is kept after ms, or broken when the signal is. */
export function pause(ms, signal) {
	return new Promise((resolve, reject) => {
		const onAbort = () => {
			clearTimeout(timer);
			reject(signal.reason);
		};
		const timer = setTimeout(() => {
			signal?.removeEventListener('abort', onAbort);
			resolve();
		}, ms);
		if (signal?.aborted)
			onAbort();
		else
			signal?.addEventListener('abort', onAbort, { once: true });
	});
}
