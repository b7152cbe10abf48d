// What the pages use of CodeMirror: an editor for SPARQL with completion and a mark at an error.
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { HighlightStyle, bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { tags } from "@lezer/highlight";
import { sparql } from "codemirror-lang-sparql";

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "light-dark(#7a1fa2, #d7a3f0)", fontWeight: "600" },
  { tag: [tags.string, tags.literal], color: "light-dark(#0b6b50, #6fe3ca)" },
  { tag: [tags.number, tags.bool], color: "light-dark(#9a4d00, #f0b060)" },
  { tag: [tags.comment, tags.lineComment], color: "light-dark(#566273, #a5b1bf)", fontStyle: "italic" },
  { tag: [tags.variableName, tags.special(tags.variableName)], color: "light-dark(#0b4db8, #8ab8ff)" },
  { tag: [tags.namespace, tags.url, tags.propertyName, tags.tagName], color: "light-dark(#8a3b12, #ffb38a)" },
  { tag: [tags.function(tags.variableName), tags.operatorKeyword], color: "light-dark(#7a1fa2, #d7a3f0)" },
]);

const theme = EditorView.theme({
  "&": { color: "var(--text)", minHeight: "220px", maxHeight: "56vh" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55", minHeight: "220px" },
  ".cm-content": { caretColor: "var(--text)", padding: "10px 0" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": { backgroundColor: "var(--side)", color: "var(--muted)", borderRight: "1px solid var(--rule)" },
  ".cm-activeLine": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--press) 55%, transparent)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--ring) 28%, transparent)" },
  ".cm-tooltip": { backgroundColor: "var(--page)", color: "var(--text)", border: "1px solid var(--rule)" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--press)", color: "var(--text)" },
  ".cm-completionDetail": { color: "var(--muted)", fontStyle: "normal" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--alarm)" },
});

const WORD = /[\w:?$.-]*/;
const KEYWORDS = "SELECT DISTINCT WHERE FILTER OPTIONAL UNION GRAPH MINUS VALUES BIND EXISTS NOT ORDER GROUP BY HAVING LIMIT OFFSET CONSTRUCT ASK DESCRIBE PREFIX COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT LANG STR BOUND COALESCE CONTAINS REGEX STRSTARTS YEAR NOW AS DESC ASC"
  .split(" ").map((label) => ({ label, type: "keyword", boost: -1 }));

function complete(words) {
  const options = words.map(([label, detail, type]) => ({ label, detail, type }));
  return (context) => {
    const word = context.matchBefore(WORD);
    if (!word || (word.from === word.to && !context.explicit)) return null;
    const variables = [...new Set(context.state.doc.toString().match(/[?$]\w+/g) || [])].filter((name) => name !== word.text);
    return { from: word.from, options: [...options, ...KEYWORDS, ...variables.map((label) => ({ label, type: "variable" }))], validFor: /^[\w:?$.-]*$/ };
  };
}

export function create(parent, { text, words, label, run }) {
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(), highlightActiveLine(),
        sparql(), syntaxHighlighting(colours), theme, lintGutter(), EditorView.lineWrapping,
        autocompletion({ override: [complete(words)], maxRenderedOptions: 60 }),
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
        keymap.of([
          { key: "Mod-Enter", run: () => { run(); return true; } },
          ...closeBracketsKeymap, ...completionKeymap, ...defaultKeymap, ...historyKeymap,
        ]),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    mark(line, column, message) {
      const marks = [];
      if (line) {
        const row = view.state.doc.line(Math.min(line, view.state.doc.lines));
        const from = Math.min(row.from + column - 1, row.to);
        marks.push({ from, to: Math.min(from + 1, row.to), severity: "error", message });
        view.dispatch({ selection: { anchor: from }, scrollIntoView: true });
      }
      view.dispatch(setDiagnostics(view.state, marks));
    },
  };
}
