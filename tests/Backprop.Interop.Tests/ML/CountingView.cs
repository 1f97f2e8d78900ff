using Microsoft.ML;

namespace Backprop.Interop.Tests.ML;

/// <summary>A view that counts how often its rows are gone through.</summary>
internal sealed class CountingView(IDataView view) : IDataView
{
    /// <summary>Cursors that were opened over it.</summary>
    public int Cursors { get; private set; }

    /// <inheritdoc/>
    public bool CanShuffle => view.CanShuffle;

    /// <inheritdoc/>
    public DataViewSchema Schema => view.Schema;

    /// <inheritdoc/>
    public long? GetRowCount() => view.GetRowCount();

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        Cursors++;
        return view.GetRowCursor(columnsNeeded, rand);
    }

    /// <inheritdoc/>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        Cursors++;
        return view.GetRowCursorSet(columnsNeeded, n, rand);
    }
}
