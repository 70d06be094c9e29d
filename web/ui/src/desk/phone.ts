import { api, got, ProblemError } from "../api/client";
import { noRecording, type PauseAsk, PauseChannel, type RecordingState } from "./pause";

/** What keeps the desk from having sound; each has its remedy in words. */
export type Trouble = "insecure" | "denied" | "no_microphone" | "microphone_busy" | "no_media" | "";

export type PhoneState = {
  link: "off" | "connecting" | "up" | "lost";
  trouble: Trouble;
  muted: boolean;
  /** The browser refused to play without a click. */
  silent: boolean;
  inputs: MediaDeviceInfo[];
  outputs: MediaDeviceInfo[];
  settings: Settings;
  /** As the gateway said last; what it says after a break replaces it. */
  recording: RecordingState;
  /** The recording can be paused now: the gateway listens. */
  canPause: boolean;
};

export type Settings = {
  input: string;
  output: string;
  /** The browser's echo cancelling, noise suppression and level control. */
  processing: boolean;
};

const settingsKey = "hotline.phone";
const backOff = [0, 250, 500, 500, 1000, 1000, 2000, 4000];
/** Longer than any answer over a LAN takes; candidates that come later are not needed. */
const gatherLimit = 1500;

function loadSettings(): Settings {
  const found: Settings = { input: "", output: "", processing: true };
  try {
    return { ...found, ...JSON.parse(localStorage.getItem(settingsKey) ?? "{}") };
  } catch {
    return found;
  }
}

/**
 * The desk's sound: one connection to the media gateway that lives as long as the desk, across calls. It is made anew,
 * with back-off, whenever it fails. It knows nothing of calls.
 */
export class Phone {
  state: PhoneState = {
    link: "off",
    trouble: "",
    muted: false,
    silent: false,
    inputs: [],
    outputs: [],
    settings: loadSettings(),
    recording: noRecording,
    canPause: false,
  };
  microphone: MediaStream | null = null;
  private pc: RTCPeerConnection | null = null;
  private pauses: PauseChannel | null = null;
  private audio: HTMLAudioElement | null = null;
  private remote: MediaStream | null = null;
  private client = "";
  private tries = 0;
  private timer = 0;
  private generation = 0;
  private flow = { received: -1, at: 0, tried: false };
  private readonly changed: () => void;

  constructor(changed: () => void) {
    this.changed = changed;
  }

  private set(s: Partial<PhoneState>) {
    this.state = { ...this.state, ...s };
    this.changed();
  }

  /** The element that plays; the page has one for its whole life. */
  attach(audio: HTMLAudioElement | null) {
    this.audio = audio;
    if (!audio) return;
    void this.play();
  }

  async play() {
    const a = this.audio;
    if (!a) return;
    if (!this.remote) {
      if (this.state.silent) this.set({ silent: false });
      return;
    }
    // A stream that gets its track later is never played by Chromium, so each connection has a stream of its own.
    if (a.srcObject !== this.remote) a.srcObject = this.remote;
    try {
      const sink = a as HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> };
      if (this.state.settings.output) await sink.setSinkId?.(this.state.settings.output).catch(() => {});
      await a.play();
      if (this.state.silent) this.set({ silent: false });
    } catch (e) {
      if (e instanceof DOMException && e.name === "NotAllowedError") this.set({ silent: true });
    }
  }

  /** The browser gives no sound before a click: what rings can't be heard either. */
  refused() {
    this.set({ silent: true });
  }

  /** Asks for the microphone and connects. Once started, calling it again changes nothing. */
  start(client: string) {
    if (this.state.link !== "off") return;
    this.client = client;
    navigator.mediaDevices?.addEventListener?.("devicechange", this.devicesChanged);
    void this.connect();
  }

  stop() {
    this.generation++;
    clearTimeout(this.timer);
    navigator.mediaDevices?.removeEventListener?.("devicechange", this.devicesChanged);
    this.drop();
    for (const t of this.microphone?.getTracks() ?? []) t.stop();
    this.microphone = null;
    this.set({ link: "off", trouble: "", muted: false, silent: false, recording: noRecording });
  }

  /** Asks the gateway to pause the recording, to go on, or to keep the pause; returns why it did not, or "". */
  async pause(what: PauseAsk): Promise<string> {
    return (await this.pauses?.ask(what, this.state.recording.leg)) ?? "no_media";
  }

  /** Connects now, after the person has done what `trouble` asked for, or because the gateway is known to be back. */
  retry() {
    if (this.state.link === "off") return;
    this.tries = 0;
    clearTimeout(this.timer);
    void this.connect();
  }

  mute(muted: boolean) {
    for (const t of this.microphone?.getAudioTracks() ?? []) t.enabled = !muted;
    this.set({ muted });
  }

  async configure(change: Partial<Settings>) {
    const settings = { ...this.state.settings, ...change };
    this.set({ settings });
    try {
      localStorage.setItem(settingsKey, JSON.stringify(settings));
    } catch {
      // The choice then holds for this page.
    }
    if (change.output !== undefined) return this.play();
    // A new microphone takes the place of the old one in the running connection.
    if (!(await this.openMicrophone())) return;
    const track = this.microphone?.getAudioTracks()[0] ?? null;
    await this.pc?.getSenders()[0]?.replaceTrack(track);
  }

  private readonly devicesChanged = () => {
    void this.listDevices();
    const live = this.microphone?.getAudioTracks().some((t) => t.readyState === "live");
    if (!live && this.state.link !== "off") this.retry();
  };

  private async listDevices() {
    const all = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
    this.set({
      inputs: all.filter((d) => d.kind === "audioinput" && d.deviceId),
      outputs: all.filter((d) => d.kind === "audiooutput" && d.deviceId),
    });
  }

  private async openMicrophone(): Promise<boolean> {
    if (!navigator.mediaDevices?.getUserMedia) {
      this.set({ trouble: "insecure" });
      return false;
    }
    const { input, processing } = this.state.settings;
    const wanted = (deviceId: string): MediaStreamConstraints => ({
      audio: {
        ...(deviceId ? { deviceId: { exact: deviceId } } : {}),
        echoCancellation: processing,
        noiseSuppression: processing,
        autoGainControl: processing,
        channelCount: 1,
      },
    });
    try {
      const stream = await navigator.mediaDevices
        .getUserMedia(wanted(input))
        // The chosen headset is unplugged: better any microphone than none.
        .catch((e) => {
          if (input && e instanceof DOMException && e.name === "OverconstrainedError") {
            return navigator.mediaDevices.getUserMedia(wanted(""));
          }
          throw e;
        });
      for (const t of this.microphone?.getTracks() ?? []) t.stop();
      this.microphone = stream;
      for (const t of stream.getAudioTracks()) {
        t.enabled = !this.state.muted;
        t.addEventListener("ended", this.devicesChanged);
      }
      void this.listDevices();
      this.set({ trouble: "" });
      return true;
    } catch (e) {
      const name = e instanceof DOMException ? e.name : "";
      this.set({
        trouble: name === "NotAllowedError" ? "denied" : name === "NotFoundError" ? "no_microphone" : "microphone_busy",
      });
      return false;
    }
  }

  private drop() {
    const pc = this.pc;
    this.pc = null;
    this.pauses = null;
    if (this.state.canPause) this.set({ canPause: false });
    if (!pc) return;
    pc.onconnectionstatechange = null;
    pc.ontrack = null;
    pc.close();
  }

  private again(generation: number) {
    if (generation !== this.generation) return;
    const wait = backOff[Math.min(this.tries, backOff.length - 1)] ?? 4000;
    this.tries++;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.connect(), wait);
  }

  private async connect() {
    const generation = ++this.generation;
    this.set({ link: this.state.link === "off" || this.state.link === "connecting" ? "connecting" : "lost" });
    const live = this.microphone?.getAudioTracks().some((t) => t.readyState === "live");
    if (!live && !(await this.openMicrophone())) {
      // Somebody has to do something first; a microphone that another program has may come free by itself.
      if (this.state.trouble === "microphone_busy") this.again(generation);
      return;
    }
    if (generation !== this.generation) return;
    const old = this.pc;
    const pc = new RTCPeerConnection({ iceServers: [] });
    const pauses: PauseChannel = new PauseChannel(
      pc.createDataChannel("recording"),
      (recording) => pauses === this.pauses && this.set({ recording }),
      (canPause) => pauses === this.pauses && this.set({ canPause }),
    );
    try {
      const sdp = await this.offer(pc);
      if (generation !== this.generation) return pc.close();
      const answer = await got(api.POST("/api/v1/desk/media", { body: { client: this.client, sdp } }));
      if (generation !== this.generation) return pc.close();
      if (old) this.drop();
      this.pc = pc;
      this.pauses = pauses;
      this.watch(pc, generation);
      await pc.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    } catch (e) {
      pc.close();
      if (this.pc === pc) this.pc = null;
      if (generation !== this.generation) return;
      const gone = e instanceof ProblemError && (e.code === "signed_out" || e.code === "forbidden");
      this.set({ link: "lost", trouble: "no_media" });
      if (!gone) this.again(generation);
    }
  }

  private async offer(pc: RTCPeerConnection): Promise<string> {
    const track = this.microphone?.getAudioTracks()[0];
    if (!track) throw new Error("no microphone");
    const transceiver = pc.addTransceiver(track, { direction: "sendrecv" });
    pc.ontrack = (e) => {
      this.remote = new MediaStream([e.track]);
      void this.play();
    };
    // The gateway passes G.711 on without transcoding: the caller's law first.
    const codecs = RTCRtpReceiver.getCapabilities?.("audio")?.codecs ?? [];
    const law = (name: string) => codecs.filter((c) => c.mimeType.toLowerCase() === name);
    const known = [...law("audio/pcmu"), ...law("audio/pcma")];
    if (known.length > 0) transceiver.setCodecPreferences(known);
    await pc.setLocalDescription(await pc.createOffer());
    await gathered(pc);
    const sdp = pc.localDescription?.sdp;
    if (!sdp) throw new Error("no offer");
    return sdp;
  }

  private watch(pc: RTCPeerConnection, generation: number) {
    this.flow = { received: -1, at: Date.now(), tried: false };
    let waiting = 0;
    pc.onconnectionstatechange = () => {
      clearTimeout(waiting);
      if (generation !== this.generation) return;
      switch (pc.connectionState) {
        case "connected":
          this.tries = 0;
          this.set({ link: "up", trouble: "" });
          break;
        case "disconnected":
          // A Wi-Fi cell's change mends itself within a moment.
          this.set({ link: "lost" });
          waiting = window.setTimeout(() => generation === this.generation && this.retry(), 1000);
          break;
        case "failed":
        case "closed":
          this.set({ link: "lost" });
          this.again(generation);
          break;
      }
    };
    // An answer without any connection afterwards is a failure too, and Chromium takes long to say so.
    waiting = window.setTimeout(() => {
      if (generation === this.generation && pc.connectionState !== "connected") this.again(generation);
    }, 8000);
  }

  /**
   * Looks whether anything still comes in. A gateway that died sends nothing to say so, and Chromium takes 5 s to notice.
   * A living one reports on what it gets each second even when the caller is silent, so a longer break makes one new
   * connection, and no more until something has come again.
   */
  async check(expected: boolean) {
    const pc = this.pc;
    if (!pc || this.state.link !== "up") return;
    let received = 0;
    for (const s of (await pc.getStats()).values()) if (s.type === "transport") received = s.packetsReceived ?? 0;
    if (pc !== this.pc) return;
    const now = Date.now();
    if (received !== this.flow.received) this.flow = { received, at: now, tried: false };
    else if (expected && received > 0 && !this.flow.tried && now - this.flow.at > 2500) {
      this.flow.tried = true;
      this.retry();
    }
  }

  /** Whether anything came in lately, sound or reports. */
  flows(): boolean {
    return this.flow.received > 0 && Date.now() - this.flow.at < 1500;
  }
}

function gathered(pc: RTCPeerConnection): Promise<void> {
  if (pc.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      pc.removeEventListener("icegatheringstatechange", look);
      resolve();
    };
    const look = () => pc.iceGatheringState === "complete" && done();
    const timer = window.setTimeout(done, gatherLimit);
    pc.addEventListener("icegatheringstatechange", look);
  });
}
