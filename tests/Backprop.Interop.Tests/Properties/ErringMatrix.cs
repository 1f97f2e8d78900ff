namespace Backprop.Interop.Tests.Properties;

/// <summary>A matrix and how far each of its numbers may be off, in units of roundoff.</summary>
internal sealed class ErringMatrix(int rows, int columns)
{
    private readonly Erring[] numbers = new Erring[rows * columns];
    private readonly Erring[]?[] rowsOf = new Erring[]?[rows];
    private readonly Erring[]?[] columnsOf = new Erring[]?[columns];

    public int Rows => rows;

    public int Columns => columns;

    public ref Erring this[int row, int column] => ref numbers[row * columns + column];

    /// <summary>A row, once all numbers are there.</summary>
    public Erring[] Row(int row) => rowsOf[row] ??= numbers[(row * columns)..((row + 1) * columns)];

    /// <summary>A column, once all numbers are there.</summary>
    public Erring[] Column(int column) => columnsOf[column] ??= [.. Enumerable.Range(0, rows).Select(row => this[row, column])];

    /// <summary>Row-major.</summary>
    public ReadOnlySpan<Erring> Numbers => numbers;
}
