// Decisions on their way to the server. Each is kept in the browser until the server has answered, sent one after the
// other, and tried again when the network stalls: a closed tab, a restarted server or an ended session loses none. The
// server knows a repeated decision again, so that sending twice is deciding once.
const TRIES = [500, 1000, 2000, 4000, 8000, 15000, 30000];

export class Outbox {
  #prefix;
  #send;
  #changed;
  #jobs = []; // {key, kept, job}, the oldest first
  #busy = false;
  #failures = 0;
  #trouble = null; // {why, told}: told is the server's own sentence, where it has one
  #timer = 0;

  constructor({ key, send, changed }) {
    this.#prefix = `${key}:`;
    this.#send = send;
    this.#changed = changed;
    addEventListener("online", () => {
      clearTimeout(this.#timer);
      this.#run();
    });
    addEventListener("beforeunload", (event) => {
      if (this.#jobs.some((one) => !one.kept)) event.preventDefault();
    });
  }

  // What a former page, or another tab that was closed, did not get rid of.
  start() {
    for (const key of this.#keys()) {
      try {
        this.#jobs.push({ key, kept: true, job: JSON.parse(localStorage.getItem(key)) });
      } catch {
        localStorage.removeItem(key);
      }
    }
    this.#tell();
    this.#run();
  }

  put(job) {
    const key = `${this.#prefix}${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
    let kept = true;
    try {
      localStorage.setItem(key, JSON.stringify(job));
    } catch {
      kept = false; // storage is full or forbidden: the page asks before it is closed
    }
    this.#jobs.push({ key, kept, job });
    this.#tell();
    this.#run();
  }

  #keys() {
    try {
      return Object.keys(localStorage).filter((key) => key.startsWith(this.#prefix)).sort();
    } catch {
      return [];
    }
  }

  get state() {
    return { waiting: this.#jobs.length, trouble: this.#trouble };
  }

  #tell() {
    this.#changed(this.state);
  }

  async #run() {
    if (this.#busy) return;
    this.#busy = true;
    clearTimeout(this.#timer);
    // tabs share what is kept: only one of them sends at a time
    if (navigator.locks) await navigator.locks.request(this.#prefix, () => this.#empty());
    else await this.#empty();
    this.#busy = false;
    if (this.#jobs.length && !this.#trouble) this.#run();
  }

  async #empty() {
    while (this.#jobs.length) {
      const { key, kept, job } = this.#jobs[0];
      const done = kept && localStorage.getItem(key) === null; // by another tab
      let outcome = {};
      if (!done) {
        try {
          outcome = await this.#send(job, () => kept && localStorage.setItem(key, JSON.stringify(job)));
        } catch {
          outcome = { again: true, why: "network" };
        }
      }
      if (outcome.again) {
        this.#trouble = outcome;
        this.#tell();
        this.#timer = setTimeout(() => this.#run(), TRIES[Math.min(this.#failures++, TRIES.length - 1)]);
        return;
      }
      this.#failures = 0;
      this.#trouble = null;
      this.#jobs.shift();
      if (kept) localStorage.removeItem(key);
      this.#tell();
    }
  }
}
