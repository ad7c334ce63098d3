// Names of things, each a door to its page.
import { Link } from "@tanstack/react-router";
import { lastPart, words } from "../format/number";
import { contextOf } from "../state/address";
import { useView } from "../state/view";

export function EntityName({ id, name, kind }: { id: string | null; name: string; kind?: string | undefined }) {
  const view = useView();
  const tail = kind ? <> <span className="mut font-normal">{words(kind)}</span></> : null;
  if (id === null) return <span className="mut">{name}{tail}</span>;
  return (
    <>
      <Link to={"/entity" as never} search={{ ...contextOf(view.search), id } as never} title={id}>
        {name}
      </Link>
      {tail}
    </>
  );
}

/** An owner by the part of its id that names it. */
export function ownerText(owner: string | null): string | null {
  return owner === null || owner === "" ? null : lastPart(owner);
}

export function Owner({ id }: { id: string | null }) {
  const name = ownerText(id);
  return name === null ? <span className="mut">no owner</span> : <EntityName id={id} name={name} />;
}
