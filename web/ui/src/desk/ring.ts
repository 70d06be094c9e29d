/**
 * The ring, and the tone of the sound check. It is written on the audio clock well ahead, because a background tab's
 * timers are slowed down and a ring must not be.
 */
let ctx: AudioContext | null = null;
let ringing: { stop: () => void } | null = null;

function context(): AudioContext | null {
  if (!ctx && typeof AudioContext !== "undefined") ctx = new AudioContext();
  return ctx;
}

/** Browsers give sound only after a click or key; this takes the first one. */
export function unlockOnGesture() {
  const unlock = () => void context()?.resume();
  for (const e of ["pointerdown", "keydown"]) document.addEventListener(e, unlock, { capture: true, passive: true });
  return () => {
    for (const e of ["pointerdown", "keydown"]) document.removeEventListener(e, unlock, { capture: true });
  };
}

export function soundLocked(): boolean {
  return ctx !== null && ctx.state === "suspended";
}

function tones(c: AudioContext, bursts: { at: number; long: number; hz: number[] }[], level: number) {
  const gain = c.createGain();
  gain.gain.value = 0;
  gain.connect(c.destination);
  const all = [...new Set(bursts.flatMap((b) => b.hz))].map((hz) => {
    const o = c.createOscillator();
    const own = c.createGain();
    own.gain.value = 0;
    o.frequency.value = hz;
    o.connect(own).connect(gain);
    for (const b of bursts.filter((b) => b.hz.includes(hz))) {
      own.gain.setValueAtTime(1, c.currentTime + b.at);
      own.gain.setValueAtTime(0, c.currentTime + b.at + b.long);
    }
    o.start();
    return o;
  });
  for (const b of bursts) {
    // Soft edges: without them each burst begins with a click.
    gain.gain.setValueAtTime(0, c.currentTime + b.at);
    gain.gain.linearRampToValueAtTime(level, c.currentTime + b.at + 0.02);
    gain.gain.setValueAtTime(level, c.currentTime + b.at + b.long - 0.03);
    gain.gain.linearRampToValueAtTime(0, c.currentTime + b.at + b.long);
  }
  return {
    stop() {
      for (const o of all) o.stop();
      gain.disconnect();
    },
  };
}

/** Rings until told to stop, for two minutes at most: two warbling bursts, a pause, as a desk phone does. */
export function startRing() {
  if (ringing) return;
  const c = context();
  if (!c) return;
  void c.resume();
  const bursts = Array.from({ length: 60 }, (_, i) => [
    { at: i * 2, long: 0.4, hz: [660, 880] },
    { at: i * 2 + 0.55, long: 0.4, hz: [660, 880] },
  ]).flat();
  ringing = tones(c, bursts, 0.3);
}

export function stopRing() {
  ringing?.stop();
  ringing = null;
}

/** A second of three rising notes. */
export function testTone() {
  const c = context();
  if (!c) return;
  void c.resume();
  const t = tones(
    c,
    [440, 554, 659].map((hz, i) => ({ at: i * 0.3, long: 0.28, hz: [hz] })),
    0.3,
  );
  window.setTimeout(() => t.stop(), 1200);
}

/** Calls back with the microphone's level, 0..1, some 20 times a second. */
export function meter(stream: MediaStream, show: (level: number) => void): () => void {
  const c = context();
  if (!c) return () => {};
  void c.resume();
  const source = c.createMediaStreamSource(stream);
  const analyser = c.createAnalyser();
  analyser.fftSize = 1024;
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = window.setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const s of samples) sum += s * s;
    const db = 20 * Math.log10(Math.sqrt(sum / samples.length) + 1e-6);
    // -60 dB and below is silence, -10 dB is loud speech.
    show(Math.min(1, Math.max(0, (db + 60) / 50)));
  }, 50);
  return () => {
    clearInterval(timer);
    source.disconnect();
  };
}
