// From the answer to what is listed: what is wrong with a database, in words and in order of harm.
import type { Client, Database, DatabaseConnectionsAnswer } from "../../api/database-connections";
import type { Envelope } from "../../api/types";
import { count, plural, ratio, words } from "../../format/number";
import { evidenceOf } from "../../parts/answered";

export type Databases = Envelope<DatabaseConnectionsAnswer>;
export const databaseEvidence = evidenceOf<DatabaseConnectionsAnswer>("database-connections");

export const DEFINITION = "Databases, clusters and caches, and machines that show signs of SQL Server. A client is known by spans, by a configuration or Secret that names the endpoint, or by connections seen; what network rules would only let through is possible. A proxy's clients are clients of the database.";
const BUSY = 0.8;

export interface Issue {
  rank: number;
  glyph: string;
  text: string;
}

const SUPPORT: Record<string, Issue | undefined> = {
  unsupported: { rank: 1, glyph: "critical", text: "version without support" },
  extended: { rank: 3, glyph: "warning", text: "extended support, which costs extra" },
};

/** What is wrong, the worst first; empty when nothing is. */
export function issuesOf(database: Database): Issue[] {
  const issues: Issue[] = [];
  if (database.exposure?.verdict === "exposed") issues.push({ rank: 0, glyph: "critical", text: `reached from the internet on port ${database.exposure.port}` });
  const support = SUPPORT[database.support.status];
  if (support) issues.push(support);
  const { share } = database.connections;
  if (share.value !== null && share.value >= BUSY) issues.push({ rank: 2, glyph: "warning", text: `${ratio(share.value, 0)} of its connections in use` });
  if (database.standby.survives_zone === false) issues.push({ rank: 4, glyph: "warning", text: `does not survive its zone: ${database.standby.detail}` });
  if (database.storage.is_encrypted === false) issues.push({ rank: 5, glyph: "warning", text: "storage is not encrypted" });
  if (database.backup_retention_days === 0) issues.push({ rank: 6, glyph: "warning", text: "no automatic backup" });
  if (database.usage === "unused") issues.push({ rank: 7, glyph: "unknown", text: "no one is seen using it" });
  return issues.sort((a, b) => a.rank - b.rank);
}

export function worstFirst(databases: Database[]): Database[] {
  const rank = (one: Database) => issuesOf(one)[0]?.rank ?? 9;
  return [...databases].sort((a, b) => rank(a) - rank(b) || issuesOf(b).length - issuesOf(a).length || b.clients - a.clients || a.name.localeCompare(b.name, "en"));
}

export function databasesSentence(envelope: Databases): string {
  const { summary, databases } = envelope.data;
  if (summary.databases === 0) return "No database is known here.";
  const worst = worstFirst(databases)[0];
  const issue = worst && issuesOf(worst)[0];
  const unused = summary.by_usage.find((one) => one.usage === "unused")?.count ?? 0;
  const first = worst && issue ? `${worst.name}: ${issue.text}. ` : "";
  return `${first}${plural(summary.databases, "database")} with ${plural(summary.clients, "client")}${unused > 0 ? `; ${count(unused)} no one is seen using` : ""}.`;
}

export function engineText(database: Database): string {
  return [database.engine ?? "unknown engine", database.version].filter(Boolean).join(" ");
}

export const EVIDENCE: Record<string, string> = { observed: "seen", declared: "declared", possible: "possible" };

export function evidenceText(client: Client): string {
  return client.evidence.map((one) => EVIDENCE[one] ?? words(one)).join(", ");
}

export const clientsOf = (envelope: Databases, id: string): Client[] => envelope.data.clients.filter((one) => one.database === id);
