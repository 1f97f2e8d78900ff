using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.Cli.Data;

/// <summary>A column in memory.</summary>
internal abstract record TableColumn(string Name, DataViewType Type)
{
    /// <summary>Whether a number is missing somewhere.</summary>
    public bool HasMissing { get; init; }

    /// <summary>How many different texts there are; 0 for numbers.</summary>
    public int Categories { get; init; }

    /// <summary>What else the schema says of it, or null.</summary>
    public virtual DataViewSchema.Annotations? Annotations => null;

    /// <summary>Reads the value of whatever row the cursor stands on.</summary>
    public abstract Delegate Getter(DataViewRowCursor cursor);
}

/// <summary>A column in memory, of one type.</summary>
/// <typeparam name="T">As ML.NET hands values out: float, bool or ReadOnlyMemory of char.</typeparam>
internal sealed record TableColumn<T>(string Name, DataViewType Type, IReadOnlyList<T> Values) : TableColumn(Name, Type)
{
    /// <inheritdoc/>
    public override Delegate Getter(DataViewRowCursor cursor) => (ValueGetter<T>)((ref T value) => value = Values[(int)cursor.Position]);
}

/// <summary>Columns in memory as ML.NET reads them.</summary>
/// <remarks>
/// ML.NET's TextLoader is not used: it would parse the file by rules of its own (rows of any length, text where a number belongs read as
/// missing, quotes only at a value's very ends), so that the file that was checked and the file that is trained on could differ. Its
/// LoadFromEnumerable wants a class whose properties are known when this program is built.
/// </remarks>
internal sealed class TableView : IDataView
{
    private readonly IReadOnlyList<TableColumn> columns;
    private readonly int rows;

    /// <summary>Shows columns of that many rows each.</summary>
    public TableView(int rows, IReadOnlyList<TableColumn> columns)
    {
        (this.rows, this.columns) = (rows, columns);
        var schema = new DataViewSchema.Builder();
        foreach (var column in columns)
        {
            schema.AddColumn(column.Name, column.Type, column.Annotations);
        }

        Schema = schema.ToSchema();
    }

    /// <inheritdoc/>
    public DataViewSchema Schema { get; }

    /// <inheritdoc/>
    public bool CanShuffle => false;

    /// <inheritdoc/>
    public long? GetRowCount() => rows;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
        => new Cursor(this, columnsNeeded);

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        => [new Cursor(this, columnsNeeded)];

    private sealed class Cursor(TableView table, IEnumerable<DataViewSchema.Column> needed) : DataViewRowCursor
    {
        private readonly HashSet<int> active = [.. needed.Select(column => column.Index)];
        private long position = -1;

        public override long Position => position;

        public override long Batch => 0;

        public override DataViewSchema Schema => table.Schema;

        public override bool IsColumnActive(DataViewSchema.Column column) => active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
            => (ValueGetter<TValue>)table.columns[column.Index].Getter(this);

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new((ulong)position, 0);

        public override bool MoveNext() => ++position < table.rows;
    }
}
