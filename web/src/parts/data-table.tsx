// Tables: sorted by harm unless the reader sorts, virtual above 200 rows, keyboard j/k and Enter.
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { count } from "../format/number";

export interface ColumnDef<R> {
  key: string;
  title: ReactNode;
  /** What is shown. */
  cell: (row: R) => ReactNode;
  /** What is sorted by; without it the column cannot be sorted. */
  sort?: (row: R) => string | number | null;
  isNumber?: boolean;
  isName?: boolean;
  /** Width in pixels; the rest is shared. */
  width?: number;
  foot?: ReactNode;
  /** Takes the lines it needs instead of being cut. */
  wraps?: boolean;
  /** Full text for what may be cut. */
  hint?: (row: R) => string | undefined;
}

export interface DataTableProps<R> {
  label: string;
  rows: readonly R[];
  columns: ColumnDef<R>[];
  rowKey: (row: R) => string;
  onOpen?: (row: R) => void;
  selected?: string | undefined;
  lit?: string | undefined;
  onLight?: (key: string | undefined) => void;
  /** The order in which the rows come. */
  order?: { key: string; isDescending: boolean };
  /** A last row that says what is left out. */
  others?: ReactNode[];
  phone?: (row: R) => ReactNode;
  /** Widest column layout: fixed columns that cut text. */
  isFixed?: boolean;
  /** Scrolls inside itself above this many rows. */
  isTall?: boolean;
}

const VIRTUAL_FROM = 200;
const ROW = 28;
const SHARED = 96;
/** A phone shows the worst few; the rest is a tap away. */
const PHONE_ROWS = 5;

function compare(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en");
}

export function DataTable<R>(props: DataTableProps<R>) {
  const { rows, columns, label } = props;
  const [chosen, setChosen] = useState<{ key: string; isDescending: boolean } | null>(null);
  const [phoneRows, setPhoneRows] = useState(PHONE_ROWS);
  const order = chosen ?? props.order ?? null;
  const sorted = useMemo(() => {
    const by = chosen && columns.find((column) => column.key === chosen.key)?.sort;
    if (!chosen || !by) return rows;
    const factor = chosen.isDescending ? -1 : 1;
    return [...rows].sort((a, b) => {
      const [x, y] = [by(a), by(b)];
      // What has no value stands last in either order.
      return x === null || y === null ? compare(x, y) : factor * compare(x, y);
    });
  }, [rows, columns, chosen]);

  const isVirtual = sorted.length > VIRTUAL_FROM;
  const isTall = isVirtual || props.isTall === true;
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: isVirtual ? sorted.length : 0,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const items = isVirtual ? virtual.getVirtualItems() : null;
  const before = items?.[0]?.start ?? 0;
  const after = items ? virtual.getTotalSize() - (items[items.length - 1]?.end ?? 0) : 0;
  const shown = items ? items.map((item) => ({ row: sorted[item.index] as R, index: item.index })) : sorted.map((row, index) => ({ row, index }));

  const sortBy = (column: ColumnDef<R>) => {
    const isSame = order?.key === column.key;
    setChosen({ key: column.key, isDescending: isSame ? !order.isDescending : column.isNumber === true });
  };
  const walk = (event: KeyboardEvent<HTMLTableRowElement>, row: R) => {
    const step = event.key === "j" || event.key === "ArrowDown" ? 1 : event.key === "k" || event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      const to = step > 0 ? event.currentTarget.nextElementSibling : event.currentTarget.previousElementSibling;
      if (to instanceof HTMLElement && to.dataset.row !== undefined) to.focus();
    } else if (event.key === "Enter" && event.target === event.currentTarget) {
      props.onOpen?.(row);
    }
  };
  const firstKey = shown[0] ? props.rowKey(shown[0].row) : undefined;
  const focusable = props.onOpen !== undefined || props.onLight !== undefined;
  const hasPhone = props.phone !== undefined;
  // Columns without a width of their own keep a readable one; a table too wide for its panel scrolls.
  const minWidth = hasPhone || columns.length > 5 ? columns.reduce((sum, column) => sum + (column.width ?? SHARED), 0) : undefined;
  const phoneShown = sorted.length <= phoneRows + 3 ? sorted.length : phoneRows;

  return (
    <>
      <div ref={box} className={`scroll ${isTall ? "tall" : ""} ${hasPhone ? "wide-only" : ""}`} {...(isTall ? { tabIndex: 0, role: "region", "aria-label": label } : {})}>
        <table {...(props.isFixed === false ? {} : { style: { minWidth } })} className={props.isFixed === false ? "t" : "t cuts"} aria-label={label} aria-rowcount={sorted.length + 1}>
          <colgroup>
            {columns.map((column) => (
              <col key={column.key} {...(column.width ? { width: column.width } : {})} />
            ))}
          </colgroup>
          <thead>
            <tr>
              {columns.map((column) => {
                const isBy = order?.key === column.key;
                const sort = isBy ? { "aria-sort": order.isDescending ? ("descending" as const) : ("ascending" as const) } : {};
                const arrow = isBy ? (order.isDescending ? " ↓" : " ↑") : "";
                return (
                  <th key={column.key} scope="col" className={column.isNumber ? "r" : ""} {...sort}>
                    {column.sort ? (
                      <button type="button" onClick={() => sortBy(column)}>
                        {column.title}
                        {arrow}
                      </button>
                    ) : (
                      column.title
                    )}
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {before > 0 && (
              <tr aria-hidden="true">
                <td className="pad" colSpan={columns.length} height={before} />
              </tr>
            )}
            {shown.map(({ row, index }) => {
              const key = props.rowKey(row);
              const classes = [props.selected === key ? "sel" : "", props.lit === key ? "lit" : "", props.onOpen ? "opens" : ""].join(" ");
              return (
                <tr
                  key={key}
                  className={classes}
                  aria-rowindex={index + 2}
                  {...(isVirtual ? { ref: virtual.measureElement, "data-index": index } : {})}
                  {...(focusable ? { tabIndex: key === (props.selected ?? firstKey) || key === firstKey ? 0 : -1, "data-row": key } : {})}
                  onClick={(event) => {
                    if (!(event.target as Element).closest("a,button")) props.onOpen?.(row);
                  }}
                  onKeyDown={(event) => walk(event, row)}
                  onMouseEnter={() => props.onLight?.(key)}
                  onMouseLeave={() => props.onLight?.(undefined)}
                  onFocus={() => props.onLight?.(key)}
                  onBlur={() => props.onLight?.(undefined)}
                >
                  {columns.map((column) => (
                    <td key={column.key} className={`${column.isNumber ? "r" : ""} ${column.isName ? "e" : ""} ${column.wraps ? "wraps" : ""}`}>
                      {column.isNumber || column.wraps ? column.cell(row) : <span className="cut" title={column.hint?.(row)}>{column.cell(row)}</span>}
                    </td>
                  ))}
                </tr>
              );
            })}
            {after > 0 && (
              <tr aria-hidden="true">
                <td className="pad" colSpan={columns.length} height={after} />
              </tr>
            )}
            {props.others && (
              <tr className="others">
                {columns.map((column, index) => (
                  <td key={column.key} className={column.isNumber ? "r" : ""}>
                    {props.others?.[index]}
                  </td>
                ))}
              </tr>
            )}
          </tbody>
          {columns.some((column) => column.foot !== undefined) && (
            <tfoot>
              <tr>
                {columns.map((column) => (
                  <td key={column.key} className={column.isNumber ? "r" : ""}>
                    {column.foot}
                  </td>
                ))}
              </tr>
            </tfoot>
          )}
        </table>
      </div>
      {hasPhone && (
        <div className="narrow-only">
          {sorted.slice(0, phoneShown).map((row) => (
            <button key={props.rowKey(row)} type="button" className="rowp" onClick={() => props.onOpen?.(row)}>
              {props.phone?.(row)}
            </button>
          ))}
          {sorted.length > phoneShown && (
            <button type="button" className="more" onClick={() => setPhoneRows(phoneRows + 50)}>
              {count(phoneShown)} of {count(sorted.length)}, show more
            </button>
          )}
        </div>
      )}
    </>
  );
}
