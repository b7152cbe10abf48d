// The box that finds names: suggests while one types; arrows choose, Enter opens.
(() => {
  const box = document.getElementById("q"), list = document.getElementById("found");
  let chosen = -1, asked = 0, timer = 0;

  // A reply on its way may not change the list that one chooses from, nor open one that was closed.
  function settle() {
    clearTimeout(timer);
    asked += 1;
  }

  function close() {
    settle();
    list.hidden = true;
    chosen = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  }

  function option(one, number) {
    const item = document.createElement("li"), small = document.createElement("small");
    item.id = `found-${number}`;
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.dir = "auto";
    item.dataset.id = one.id;
    small.textContent = one.name === one.label ? one.type : `${one.type} · ${one.name}`;
    item.append(one.label, small);
    item.addEventListener("mousedown", (event) => { event.preventDefault(); open(one.id); });
    return item;
  }

  const open = (id) => { location.href = `/id/${encodeURIComponent(id)}.html`; };

  async function suggest() {
    const turn = ++asked, text = box.value.trim();
    if (!text) return close();
    const reply = await fetch(`/search?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
    if (!reply.ok || turn !== asked) return;
    const { found } = await reply.json();
    list.replaceChildren(...found.slice(0, 8).map(option));
    chosen = -1;
    list.hidden = !found.length;
    box.setAttribute("aria-expanded", String(found.length > 0));
  }

  function move(step) {
    settle();
    const items = [...list.children];
    chosen = (chosen + step + items.length) % items.length;
    items.forEach((item, number) => item.setAttribute("aria-selected", String(number === chosen)));
    box.setAttribute("aria-activedescendant", items[chosen].id);
    items[chosen].scrollIntoView({ block: "nearest" });
  }

  box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(suggest, 90); });
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") { event.preventDefault(); move(event.key === "ArrowDown" ? 1 : -1); }
    else if (event.key === "Escape") close();
    else if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); open(list.children[chosen].dataset.id); }
  });
})();
