// What is kept beyond a reload. A browser may refuse to keep anything, even to be asked; then nothing was kept.

/** Kept until the tab is closed. */
export const tab = keep(() => sessionStorage);

/** Kept in this browser. */
export const browser = keep(() => localStorage);

function keep(open) {
  return {
    get(name) {
      try {
        return open().getItem(`smollm3.${name}`);
      } catch {
        return null;
      }
    },
    set(name, value) {
      try {
        open().setItem(`smollm3.${name}`, value);
      } catch {
        // Refused or full: it lasts until a reload.
      }
    },
  };
}
