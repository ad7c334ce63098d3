// The reports: a sheet that fits paper, for any unit, in four depths; one walks down unit by unit.
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { ReportAnswer } from "../../api/reports";
import { useAnswer } from "../../api/queries";
import { words } from "../../format/number";
import { dayAndClock, range } from "../../format/time";
import { Answer } from "../../parts/states";
import { PageHead } from "../../shell/page-head";
import { changed, contextOf } from "../../state/address";
import { useView } from "../../state/view";
import { DEPTHS, REPORTS, type Report } from "./executive-model";
import { Decisions, Foot, Groups, ListPart, Missing, ReportLink } from "./executive-parts";

export function ExecutivePage() {
  const view = useView();
  const report = REPORTS.find((one) => one.path === view.path.replace(/\/$/, "")) ?? REPORTS[0]!;
  const params = { unit: view.get("unit"), environment: view.all("environment"), as_of: view.get("as_of"), depth: view.get("depth"), fiscal_start: view.get("fiscal_start") };
  const query = useAnswer<ReportAnswer>(`reports/${report.name}`, params);
  const paper = view.get("paper") === "letter" ? "letter" : "a4";
  return (
    <>
      <Bar name={report.name} at={query.data?.as_of} />
      {!query.data && <PageHead title={report.title} />}
      <article className={`rsheet ${paper}`} aria-busy={query.isPending}>
        <Answer query={query} what="the report" onNearest={(name) => view.set({ unit: name })}>
          {(envelope) => <Sheet report={envelope} title={report.title} />}
        </Answer>
      </article>
    </>
  );
}

/** Which report, for whom, on which paper; none of it is printed. */
function Bar({ name, at }: { name: string; at: string | undefined }) {
  const view = useView();
  const depth = view.get("depth") ?? "executive";
  const [copied, setCopied] = useState("");
  const share = async (asOf: string | undefined) => {
    const address = new URL(location.href);
    if (asOf) address.searchParams.set("as_of", asOf);
    try {
      await navigator.clipboard.writeText(address.toString());
      setCopied(asOf ? "pinned" : "live");
      setTimeout(() => setCopied(""), 1_500);
    } catch {
      // Without leave for the clipboard the address bar holds the same.
    }
  };
  const search = changed(contextOf(view.search), { depth: view.get("depth"), paper: view.get("paper"), fiscal_start: view.get("fiscal_start") });
  return (
    <div className="filters noprint" role="group" aria-label="Report">
      <nav className="tabs !mb-0" aria-label="Reports">
        {REPORTS.map((one) => <Link key={one.name} to={one.path as never} search={search as never} {...(one.name === name ? { "aria-current": "page" as const } : {})}>{one.title}</Link>)}
      </nav>
      <label className="field">
        Depth
        <select value={depth} onChange={(event) => view.set({ depth: event.target.value === "executive" ? undefined : event.target.value })}>
          {DEPTHS.map((one) => <option key={one}>{one}</option>)}
        </select>
      </label>
      <label className="field">
        Paper
        <select value={view.get("paper") ?? "a4"} onChange={(event) => view.set({ paper: event.target.value === "a4" ? undefined : event.target.value }, { replace: true })}>
          <option value="a4">A4</option>
          <option value="letter">Letter</option>
        </select>
      </label>
      <span className="ml-auto flex flex-wrap gap-2">
        <button type="button" className="btn" onClick={() => void share(undefined)}>{copied === "live" ? "Copied" : "Share link"}</button>
        <button type="button" className="btn" disabled={at === undefined} onClick={() => void share(at)} title="A link that keeps this instant">{copied === "pinned" ? "Copied" : "Pinned link"}</button>
        <button type="button" className="btn p" onClick={() => window.print()}>Print</button>
      </span>
    </div>
  );
}

function Sheet({ report, title }: { report: Report; title: string }) {
  const { subject, period, fiscal_year: year, sentences, lists, depth } = report.data;
  const environment = report.params.environment as string[] | undefined;
  const path = REPORTS.find((one) => one.title === title)?.path ?? "/executive";
  const crumbs = subject.id === null ? [] : [...subject.above];
  return (
    <>
      <header className="rtop">
        <div className="min-w-0">
          {subject.id !== null && (
            <p className="rcrumbs noprint">
              <ReportCrumb path={path} unit={undefined} name="Everything in view" />
              {crumbs.map((one) => <ReportCrumb key={one.id} path={path} unit={one.id} name={one.name} />)}
            </p>
          )}
          <h1>{subject.name}: {title.toLowerCase()}</h1>
          <p className="rsub">{subject.kind ? words(subject.kind) : "everything in view"} · {depth} depth</p>
        </div>
        <p className="rasof">
          As of {dayAndClock(report.as_of)}<br />
          {environment && environment.length > 0 ? environment.join(", ") : "all environments"} · {range(period.from, period.to)}<br />
          fiscal year {range(year.from, year.to)}
        </p>
      </header>
      {report.source === "demonstration" && <p className="rdemo">Demonstration</p>}
      {sentences.length > 0 && <p className="rlead">{sentences.join(" ")}</p>}
      <Missing report={report} />
      <Groups report={report} />
      <Decisions report={report} />
      <div className="rlists">
        {lists.map((list) => <ListPart key={list.key} report={report} list={list} />)}
      </div>
      <Foot report={report} />
    </>
  );
}

function ReportCrumb({ path, unit, name }: { path: string; unit: string | undefined; name: string }) {
  const view = useView();
  if (unit) return <><ReportLink link={`${path}?unit=${encodeURIComponent(unit)}`}>{name}</ReportLink> <span className="mut">/</span> </>;
  const search = changed(contextOf(view.search), { unit: undefined, depth: view.get("depth"), paper: view.get("paper") });
  return <><Link to={path as never} search={search as never} className="link">{name}</Link> <span className="mut">/</span> </>;
}
