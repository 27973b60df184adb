// SPDX-License-Identifier: Apache-2.0
// In the page: one RTCPeerConnection that sends a tone, and listens to what the other side sends.
"use strict";

const peer = (() => {
	const context = new AudioContext();
	const inbox = [];
	let connection, oscillator, speech, film, hears, screen, socket;

	function listen(track) {
		const stream = new MediaStream([track]);
		if (track.kind === "video") {
			screen = document.createElement("video");
			screen.muted = true;
			screen.srcObject = stream;
			screen.play();
			return;
		}
		// Chromium decodes a remote track only when an element plays it.
		const element = new Audio();
		element.muted = true;
		element.srcObject = stream;
		element.play();
		hears = context.createAnalyser();
		hears.fftSize = 8192;
		hears.smoothingTimeConstant = 0;
		context.createMediaStreamSource(stream).connect(hears);
	}

	async function gathered() {
		if (connection.iceGatheringState === "complete")
			return;
		await new Promise((done) => {
			connection.addEventListener("icegatheringstatechange", () => {
				if (connection.iceGatheringState === "complete")
					done();
			});
		});
	}

	async function tone(hz) {
		await context.resume();
		oscillator = context.createOscillator();
		oscillator.frequency.value = hz;
		const out = context.createMediaStreamDestination();
		oscillator.connect(out);
		oscillator.start();
		speech = out.stream.getAudioTracks()[0];
	}

	// A moving picture; the microphone's permission is what lets addresses into candidates.
	async function camera() {
		const stream = await navigator.mediaDevices.getUserMedia({
			video: {width: 320, height: 240, frameRate: 15}});
		film = stream.getVideoTracks()[0];
	}

	function sender(kind) {
		return connection.getTransceivers().find((each) => each.receiver.track.kind === kind);
	}

	return {
		async make(hz, options) {
			await navigator.mediaDevices.getUserMedia({audio: true});
			if (!speech)
				await tone(hz);
			if (connection)
				connection.close();
			connection = new RTCPeerConnection(options || {});
			connection.addEventListener("track", (event) => listen(event.track));
			connection.addTrack(speech);
		},
		async addVideo() {
			if (!film)
				await camera();
			connection.addTrack(film);
		},
		removeVideo() {
			const found = sender("video");
			connection.removeTrack(found.sender);
			found.stop();
		},
		direction(kind, what) {
			sender(kind).direction = what;
		},
		async offer(options) {
			await connection.setLocalDescription(await connection.createOffer(options || {}));
			await gathered();
			return connection.localDescription.sdp;
		},
		async answer(sdp) {
			await connection.setRemoteDescription({type: "offer", sdp});
			await connection.setLocalDescription(await connection.createAnswer());
			await gathered();
			return connection.localDescription.sdp;
		},
		accept(sdp) {
			return connection.setRemoteDescription({type: "answer", sdp});
		},
		// The loudest frequency of what is heard, 0 for silence.
		hears() {
			if (!hears)
				return 0;
			const bins = new Float32Array(hears.frequencyBinCount);
			hears.getFloatFrequencyData(bins);
			let best = 0;
			for (let i = 1; i < bins.length; i++)
				if (bins[i] > bins[best])
					best = i;
			return bins[best] > -60 ? best * context.sampleRate / hears.fftSize : 0;
		},
		async state() {
			const told = {ice: connection.iceConnectionState, all: connection.connectionState,
				audio: 0, frames: 0, roundTrips: 0};
			for (const each of (await connection.getStats()).values()) {
				if (each.type === "inbound-rtp" && each.kind === "audio")
					told.audio += each.packetsReceived;
				if (each.type === "inbound-rtp" && each.kind === "video")
					told.frames += each.framesDecoded;
				if (each.type === "remote-inbound-rtp" && each.kind === "video")
					told.roundTrips += each.roundTripTimeMeasurements;
				if (each.type === "transport") {
					told.dtls = each.dtlsState;
					told.suite = each.srtpCipher;
					told.role = each.dtlsRole;
				}
			}
			return told;
		},
		close() {
			connection.close();
		},
		// SIP over a WebSocket (RFC 7118); what comes waits until it is asked for.
		async sip(url) {
			socket = new WebSocket(url, "sip");
			socket.addEventListener("message", (event) => inbox.push(event.data));
			await new Promise((done, failed) => {
				socket.addEventListener("open", done);
				socket.addEventListener("error", () => failed(new Error("no WebSocket")));
			});
		},
		send(text) {
			socket.send(text);
		},
		received() {
			return inbox.shift() || "";
		},
	};
})();
