// One database with its clients and proofs; engines; endpoints and hosts that remain open.
import type { ReactNode } from "react";
import type { Client, Database } from "../../api/database-connections";
import { CellBar } from "../../charts/small";
import { count, middle, plural, ratio, words } from "../../format/number";
import { short } from "../../format/time";
import { Detail, Facts, Section } from "../../parts/detail";
import { DataTable } from "../../parts/data-table";
import { EntityName, Owner, ownerText } from "../../parts/entity-name";
import { MeasureCell, valueOf } from "../../parts/measure-cell";
import { Panel } from "../../parts/panel";
import { SourceLine } from "../../parts/source-line";
import { Empty, sentence } from "../../parts/states";
import { Glyph } from "../../parts/status";
import { useView } from "../../state/view";
import { clientsOf, databaseEvidence, DEFINITION, engineText, evidenceText, issuesOf, type Databases } from "./database-connections-model";
import { connectionsText } from "./database-connections-page";

const yesNo = (of: boolean | null): string => (of === null ? "not known" : of ? "yes" : "no");
const known = (of: string | number | null | undefined): string => (of === null || of === undefined || of === "" ? "not known" : String(of));
const VERDICTS: Record<string, { glyph: string; text: string }> = {
  exposed: { glyph: "critical", text: "reached from the internet" },
  possible_not_fully_checked: { glyph: "unknown", text: "possible, not fully checked" },
  not_exposed: { glyph: "healthy", text: "not reached from the internet" },
};

export function DatabaseDetail({ envelope, database, onSelect, onClose }: { envelope: Databases; database: Database; onSelect: (id: string) => void; onClose: () => void }) {
  const view = useView();
  const { storage, support, place, exposure, connections } = database;
  const verdict = exposure ? VERDICTS[exposure.verdict] : undefined;
  const nameOf = (id: string) => envelope.data.databases.find((one) => one.id === id)?.name ?? middle(id, 32);
  const issues = issuesOf(database);
  const evidence = databaseEvidence(envelope, database.name, DEFINITION, "databases", database.detected_by.map((one): [string, string] => [words(one.sign), `${one.detail}, ${one.confidence}`]));
  const others: [string, string[]][] = [["Member of", database.member_of ? [database.member_of] : []], ["Replica of", database.replica_of ? [database.replica_of] : []], ["Replicas", database.replicas], ["Behind the proxy", database.proxies]];
  return (
    <Detail
      title={database.name}
      sub={<>{engineText(database)} · {words(database.hosting)} · {[place.environment, place.region ?? place.cluster, place.zones.join(", ")].filter(Boolean).join(" / ") || "no place"} · <Owner id={database.owner} /></>}
      onClose={onClose}
      foot={<SourceLine evidence={evidence} text={`known by ${database.detected_by.map((one) => words(one.sign)).join(", ") || "nothing"} · ${database.confidence}`} />}
    >
      {issues.length > 0 && (
        <Section title="What is known against it">
          <ul className="sub">{issues.map((one) => <li key={one.text} className="st !flex !whitespace-normal py-0.5"><Glyph word={one.glyph} />{sentence(one.text)}</li>)}</ul>
        </Section>
      )}
      <Section title="Connections" aside={connections.limit_from ? `limit ${connections.limit_from}` : undefined}>
        {connections.share.value !== null && <p className="fig">{ratio(connections.share.value)} <small>of the limit, at most</small></p>}
        <p className="sub">{sentence(connectionsText(database))}</p>
        <p className="sub mt-1">{database.usage === "used" ? "In use" : database.usage === "unused" ? "No one is seen using it" : "Whether anyone uses it is unknown"}: {sentence(database.usage_reason)}</p>
      </Section>
      <Section title="Support" aside={support.status}>
        <Facts rows={[["Standard support ends", known(support.standard_support_end)], ...(support.extended_support_end ? [["Extended support ends", support.extended_support_end] as [string, string]] : []), ...(database.support_policy ? [["Chosen policy", words(database.support_policy)] as [string, string]] : []), ...(support.reason ? [["Why unknown", support.reason] as [string, string]] : [])]} />
      </Section>
      {exposure && verdict && (
        <Section title={`Internet, port ${exposure.port}`} aside={<span className="st"><Glyph word={verdict.glyph} />{verdict.text}</span>}>
          <Facts rows={exposure.checks.map((one) => [<span key={one.check} title={one.detail}>{words(one.check)}<span className="mut block text-11">{one.detail}</span></span>, one.holds === null ? "not read" : yesNo(one.holds)])} />
        </Section>
      )}
      <Section title="What takes over" aside={words(database.standby.kind)}>
        <p className="sub">{sentence(database.standby.detail)} Survives its zone: {yesNo(database.standby.survives_zone)}.</p>
      </Section>
      <Section title="Storage and licence">
        <Facts
          rows={[
            ["Class", known(database.class)],
            ["Storage", [storage.storage_type, storage.allocated_gib === null ? null : `${count(storage.allocated_gib)} GiB`, storage.max_allocated_gib === null ? null : `grows to ${count(storage.max_allocated_gib)} GiB`].filter(Boolean).join(", ") || "not known"],
            ["Encrypted", yesNo(storage.is_encrypted)],
            ["Backups kept", database.backup_retention_days === null ? "not known" : database.backup_retention_days === 0 ? "none" : plural(database.backup_retention_days, "day")],
            ...(database.edition ? [["Edition", database.edition] as [string, string]] : []),
            ["Licence", known(database.licence_model)],
          ]}
        />
      </Section>
      {others.some(([, ids]) => ids.length > 0) && (
        <Section title="Belongs together">
          <Facts rows={others.flatMap(([label, ids]) => ids.slice(0, 6).map((id) => [label, envelope.data.databases.some((one) => one.id === id) ? <button key={id} type="button" className="link" onClick={() => onSelect(id)}>{nameOf(id)}</button> : <EntityName key={id} id={id} name={nameOf(id)} />] as [string, ReactNode]))} />
        </Section>
      )}
      <Section title="Endpoints">
        {database.endpoints.length === 0 ? <p className="sub">None is known.</p> : database.endpoints.map((one) => <p key={`${one.host}${one.port}`} className="sub break-all">{one.host}{one.port ? `:${one.port}` : ""} <span className="mut">{one.role}</span></p>)}
        <div className="flex flex-wrap gap-2 mt-2">
          <button type="button" className="btn p" onClick={() => view.go("/entity", { id: database.id })}>Open its page</button>
          <button type="button" className="btn" onClick={() => view.go("/what-if", { select: [database.id] })}>What if it fails</button>
        </div>
      </Section>
    </Detail>
  );
}

const REACH: Record<string, string> = { reachable: "allowed", possible_not_fully_checked: "possible, not fully checked", unknown: "not known", blocked: "denied" };

export function ClientsPanel({ envelope, database }: { envelope: Databases; database: Database }) {
  const view = useView();
  const rows = clientsOf(envelope, database.id);
  const seen = rows.filter((row) => row.evidence.includes("observed")).length;
  const reach = (row: Client) => (row.reach ? (REACH[row.reach.verdict] ?? words(row.reach.verdict)) : "not known");
  const reachHint = (row: Client) => (row.reach ? [reach(row), row.reach.denied_by ? `denied by ${row.reach.denied_by}` : "", row.reach.missing.length > 0 ? `not read: ${row.reach.missing.join(", ")}` : ""].filter(Boolean).join("; ") : "one of the two stands in no known network");
  return (
    <Panel title={`Clients of ${database.name}`} qualifier={`${count(seen)} seen, ${count(rows.length - seen)} declared or possible`} isFlush foot={<SourceLine evidence={databaseEvidence(envelope, `Clients of ${database.name}`, DEFINITION, "clients")} source="strongest evidence first" />}>
      {rows.length === 0 ? (
        <Empty title="No client is known.">Spans with a database, environment variables or Secrets that name its endpoint would tell.</Empty>
      ) : (
        <DataTable
          label={`Clients of ${database.name}`}
          rows={rows}
          rowKey={(row) => `${row.id ?? row.kind} ${row.endpoint ?? ""} ${row.via.join()}`}
          onOpen={(row) => row.id && view.go("/entity", { id: row.id })}
          isTall={rows.length > 14}
          columns={[
            { key: "name", title: "Client", isName: true, cell: (row) => <EntityName id={row.id} name={row.name ?? "outside your scope"} kind={row.kind} />, sort: (row) => row.name, hint: (row) => row.id ?? undefined },
            { key: "evidence", title: "Known by", width: 116, cell: evidenceText, sort: (row) => row.evidence[0] ?? null, hint: (row) => [evidenceText(row), row.named_by ? `named by ${row.named_by}` : "", row.endpoint ?? "", row.confidence].filter(Boolean).join("; ") },
            { key: "via", title: "Through", width: 110, cell: (row) => (row.via.length === 0 ? <span className="mut">direct</span> : row.via.map((one) => middle(one, 18)).join(" → ")), hint: (row) => row.via.join(" → ") || undefined },
            { key: "need", title: "Need", width: 84, cell: (row) => (row.need === "unknown" ? <span className="mut">unknown</span> : row.need), sort: (row) => row.need },
            { key: "rate", title: "Rate", isNumber: true, width: 74, cell: (row) => <MeasureCell of={row.call_rate} />, sort: (row) => valueOf(row.call_rate) },
            { key: "errors", title: "Errors", isNumber: true, width: 64, cell: (row) => <MeasureCell of={row.error_ratio} />, sort: (row) => valueOf(row.error_ratio) },
            { key: "p95", title: "p95", isNumber: true, width: 74, cell: (row) => <MeasureCell of={row.latency_p95} />, sort: (row) => valueOf(row.latency_p95) },
            { key: "reach", title: "Network", width: 96, cell: reach, hint: reachHint },
            { key: "seen", title: "Last seen", isNumber: true, width: 78, cell: (row) => (row.last_seen ? short(row.last_seen, envelope.as_of) : <span className="mut">never</span>), sort: (row) => row.last_seen },
          ]}
          phone={(row) => (
            <>
              <span className="font-medium">{row.name ?? "outside your scope"}</span>
              <span>{evidenceText(row)}</span>
              <span className="d">{row.via.length > 0 ? `through ${row.via.map((one) => middle(one, 18)).join(" → ")}, ` : ""}rate <MeasureCell of={row.call_rate} />, p95 <MeasureCell of={row.latency_p95} /></span>
            </>
          )}
        />
      )}
    </Panel>
  );
}

export function EnginesPanel({ envelope }: { envelope: Databases }) {
  const view = useView();
  const rows = [...envelope.data.summary.by_engine].sort((a, b) => b.count - a.count);
  const most = Math.max(1, ...rows.map((row) => row.count));
  return (
    <Panel title="By engine" qualifier={plural(rows.length, "engine and host", "engines and hosts")} isFlush foot={<SourceLine evidence={databaseEvidence(envelope, "By engine", DEFINITION, "databases")} source="before any limit" />}>
      {rows.length === 0 ? (
        <Empty title="No database is known here." />
      ) : (
        <DataTable
          label="Databases by engine"
          rows={rows}
          rowKey={(row) => `${row.hosting} ${row.engine}`}
          onOpen={(row) => view.set({ engine: [row.engine], sel: undefined })}
          order={{ key: "count", isDescending: true }}
          isTall={rows.length > 16}
          columns={[
            { key: "engine", title: "Engine", isName: true, cell: (row) => <>{row.engine} <span className="mut">{words(row.hosting)}</span></>, foot: "Total" },
            { key: "bar", title: "", width: 92, cell: (row) => <CellBar value={row.count} of={most} width={76} />, foot: "" },
            { key: "count", title: "Databases", isNumber: true, width: 76, cell: (row) => count(row.count), sort: (row) => row.count, foot: count(rows.reduce((sum, row) => sum + row.count, 0)) },
          ]}
        />
      )}
    </Panel>
  );
}

export function UnmatchedPanel({ envelope }: { envelope: Databases }) {
  const rows = envelope.data.unmatched_endpoints;
  if (rows.length === 0) return null;
  const why: Record<string, string> = { open_reference: "nothing answers to it", external: "a public name outside the estate" };
  return (
    <Panel title="Endpoints that match no known database" qualifier={count(rows.length)} isFlush foot={<SourceLine evidence={databaseEvidence(envelope, "Unmatched endpoints", "Hosts and ports of databases that a client names or was seen using and that no known database answers to.", "unmatched_endpoints")} source="references and spans" />}>
      <DataTable
        label="Unmatched endpoints"
        rows={rows}
        rowKey={(row) => `${row.endpoint} ${row.from ?? ""}`}
        isTall={rows.length > 10}
        columns={[
          { key: "endpoint", title: "Endpoint", isName: true, cell: (row) => row.endpoint, hint: (row) => row.endpoint },
          { key: "engine", title: "Looks like", width: 110, cell: (row) => row.engine ?? <span className="mut">not known</span> },
          { key: "from", title: "Named by", width: 190, cell: (row) => (row.from ? <EntityName id={row.from} name={ownerText(row.from) ?? row.from} /> : <span className="mut">not known</span>), hint: (row) => row.from ?? undefined },
          { key: "why", title: "Why", width: 200, cell: (row) => why[row.why] ?? words(row.why) },
        ]}
      />
    </Panel>
  );
}

export function HostsPanel({ envelope }: { envelope: Databases }) {
  const rows = envelope.data.undetermined_hosts;
  if (rows.length === 0) return null;
  return (
    <Panel title="Hosts of which nobody can say" qualifier={plural(rows.length, "host")} isFlush foot={<SourceLine evidence={databaseEvidence(envelope, "Undetermined hosts", "Machines that may run SQL Server without anything that shows it: a customer's own licence is in no billing code.", "undetermined_hosts")} source="billing codes and tags" />}>
      <DataTable
        label="Undetermined hosts"
        rows={rows}
        rowKey={(row) => row.id}
        isTall={rows.length > 10}
        columns={[
          { key: "name", title: "Host", isName: true, cell: (row) => <EntityName id={row.id} name={row.name} />, hint: (row) => row.id },
          { key: "platform", title: "Platform", width: 140, cell: (row) => known(row.platform), hint: (row) => row.usage_operation ?? undefined },
          { key: "reason", title: "Why it cannot be told", cell: (row) => row.reason, hint: (row) => row.reason },
        ]}
      />
    </Panel>
  );
}
