// What the pages read is what the program says it sends: every field of a shape in src/api stands
// in the schema of the same name in openapi.json.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const DOCUMENT = new URL("../../../openapi.json", import.meta.url);

interface Schema {
  properties?: Record<string, unknown>;
  allOf?: Schema[];
  $ref?: string;
}

/** The interfaces of a source with their fields; an optional field may be absent on the wire. */
function shapesOf(name: string): Map<string, string[]> {
  const text = readFileSync(new URL(`../../src/api/${name}`, import.meta.url), "utf8");
  const shapes = new Map<string, string[]>();
  ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true).forEachChild((node) => {
    if (!ts.isInterfaceDeclaration(node)) return;
    shapes.set(node.name.text, node.members.filter((member) => member.questionToken === undefined).map((member) => member.name?.getText() ?? ""));
  });
  return shapes;
}

const sources = readdirSync(new URL("../../src/api/", import.meta.url)).filter((name) => name.endsWith(".ts") && !name.endsWith(".d.ts"));
const shapes = new Map(sources.flatMap((name) => [...shapesOf(name)]));

describe("shapes on the wire", () => {
  it("are read from their sources", () => {
    expect(shapes.get("DataPresence")).toEqual(["data", "rows", "first", "last"]);
    expect(shapes.get("Problem")).toEqual(["title", "status"]);
  });

  // The document is written by the build of the program; a checkout before it has none to compare with.
  if (existsSync(DOCUMENT)) {
    it("have only fields of the program's own schemas", () => {
      const { schemas } = (JSON.parse(readFileSync(DOCUMENT, "utf8")) as { components: { schemas: Record<string, Schema> } }).components;
      const fieldsOf = (schema: Schema | undefined): string[] =>
        schema === undefined ? [] : [...Object.keys(schema.properties ?? {}), ...(schema.allOf ?? []).flatMap(fieldsOf), ...(schema.$ref ? fieldsOf(schemas[schema.$ref.split("/").pop() ?? ""]) : [])];
      // A schema may be free of form; only one that states its fields can be compared.
      const compared = [...shapes].filter(([name]) => fieldsOf(schemas[name]).length > 0);
      expect(compared.length).toBeGreaterThan(25);
      const unknown = compared.flatMap(([name, fields]) => fields.filter((field) => !fieldsOf(schemas[name]).includes(field)).map((field) => `${name}.${field}`));
      expect(unknown).toEqual([]);
    });
  }
});
