// Which part of the estate: start, steps, direction, kinds, relations, grouping, comparison.
import { useEffect, useState } from "react";
import type { TopologyAnswer } from "../../api/answers";
import { count, middle, words } from "../../format/number";
import { dayAndClock } from "../../format/time";
import { useView } from "../../state/view";

export const GROUPINGS = ["none", "application", "team", "namespace", "cluster", "account", "region", "zone", "vpc", "kind"];
const DEPTHS = ["0", "1", "2", "3", "4", "5", "6"];
const DIRECTIONS: [string, string][] = [["both", "both ways"], ["dependencies", "what it needs"], ["dependents", "what needs it"]];

function TextField({ label, name, hint, type = "search" }: { label: string; name: string; hint: string; type?: string }) {
  const view = useView();
  const known = view.get(name) ?? "";
  const [text, setText] = useState(known);
  useEffect(() => setText(known), [known]);
  return (
    <form
      className="field"
      onSubmit={(event) => {
        event.preventDefault();
        view.set({ [name]: text.trim() || undefined, sel: undefined });
      }}
    >
      <label className="field">
        {label}
        <input type={type} className="w-36" value={text} placeholder={hint} onChange={(event) => setText(event.target.value)} onBlur={(event) => event.target.form?.requestSubmit()} />
      </label>
    </form>
  );
}

function Select({ label, name, options, empty }: { label: string; name: string; options: [string, string][]; empty?: string }) {
  const view = useView();
  return (
    <label className="field">
      {label}
      <select value={view.get(name) ?? ""} onChange={(event) => view.set({ [name]: event.target.value || undefined, sel: undefined })}>
        {empty !== undefined && <option value="">{empty}</option>}
        {options.map(([value, title]) => (
          <option key={value} value={value}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

/** Adds to a list of the address; what is chosen stands as tags beside it. */
function Adder({ label, name, options }: { label: string; name: string; options: [string, string][] }) {
  const view = useView();
  const chosen = view.all(name);
  return (
    <label className="field">
      {label}
      <select value="" onChange={(event) => view.set({ [name]: [...chosen, event.target.value], sel: undefined })}>
        <option value="">{chosen.length === 0 ? "all" : `${chosen.length} chosen`}</option>
        {options
          .filter(([value]) => !chosen.includes(value))
          .map(([value, title]) => (
            <option key={value} value={value}>
              {title}
            </option>
          ))}
      </select>
    </label>
  );
}

export function TopologyFilters({ answer }: { answer: TopologyAnswer | undefined }) {
  const view = useView();
  const kinds = (answer?.kinds ?? []).map((one): [string, string] => [one.kind, `${words(one.kind)} (${count(one.count)})`]);
  const relations = (answer?.relation_kinds ?? []).map((one): [string, string] => [one.relation, `${words(one.relation)} (${count(one.count)})`]);
  const hasRoot = view.all("root").length > 0;
  const tags = ["kind", "relation", "root", "label"].flatMap((name) => view.all(name).map((value) => ({ name, value })));
  const compareTo = view.get("compare_to");
  return (
    <div className="filters noprint" role="search" aria-label="Part of the estate">
      <TextField label="Name or id" name="text" hint="any" />
      <TextField label="Start from" name="root" hint="name, id or alias" />
      {hasRoot && <Select label="Steps" name="depth" options={DEPTHS.map((depth) => [depth, depth])} empty="2" />}
      {hasRoot && <Select label="Direction" name="direction" options={DIRECTIONS} />}
      <Adder label="Kind" name="kind" options={kinds} />
      <Adder label="Relation" name="relation" options={relations} />
      <Select label="Group by" name="aggregate_by" options={GROUPINGS.map((one) => [one, one === "none" ? "nothing" : one])} empty="as needed" />
      <TextField label="Compare to" name="compare_to" hint="2026-11-01" />
      <label className="field">
        <input type="checkbox" checked={view.get("ended") === "true"} onChange={(event) => view.set({ ended: event.target.checked ? "true" : undefined })} />
        with ended
      </label>
      {tags.map(({ name, value }) => (
        <button key={`${name}-${value}`} type="button" className="pill" title={`${words(name)} ${value}: remove`} onClick={() => view.set({ [name]: view.all(name).filter((one) => one !== value), sel: undefined })}>
          {name === "root" ? "from " : ""}
          {middle(words(value), 36)} ×
        </button>
      ))}
      {compareTo && (
        <button type="button" className="pill" onClick={() => view.set({ compare_to: undefined })}>
          compared to {/^\d{4}-\d\d-\d\d$/.test(compareTo) ? compareTo : dayAndClock(compareTo)} ×
        </button>
      )}
    </div>
  );
}
