using Backprop.Audit;

namespace Backprop.Interop.Tests.Audit;

/// <summary>Errors are counted by the power of two of their share, and mapped by the largest of a block.</summary>
public sealed class ErrorSpreadTests
{
    [Theory]
    [InlineData(0, 0, '0')]
    [InlineData(5.9604644775390625E-08, 0, '0')]
    [InlineData(8.9406967163085938E-08, 1, '0')]
    [InlineData(0.0009765625, 14, '0')]
    [InlineData(0.0009765626, 15, '1')]
    [InlineData(0.5, 23, '9')]
    [InlineData(0.51, 24, 'a')]
    [InlineData(1, 24, 'a')]
    [InlineData(1.0000001, 25, 'x')]
    [InlineData(double.PositiveInfinity, 25, 'x')]
    [InlineData(double.NaN, 25, 'x')]
    public void AnElementIsInTheBinOfItsPowerOfTwo(double share, int bin, char level)
    {
        var spread = ErrorSpread.Of(1, 1, [share], [share]);
        Assert.Equal(bin, Enumerable.Range(0, ErrorSpread.Bins).Single(i => spread.Ours[i] == 1));
        Assert.Equal(spread.Ours, spread.Theirs);
        Assert.Equal($"{level}", Assert.Single(spread.Map));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(64, 128)]
    [InlineData(65, 129)]
    [InlineData(256, 784)]
    [InlineData(1000, 3)]
    public void TheWorstElementIsInTheCellOfItsBlockAndNowhereElse(int rows, int columns)
    {
        foreach (var (row, column) in new[] { (0, 0), (rows - 1, columns - 1), (rows / 2, columns / 3) })
        {
            var shares = new double[rows * columns];
            shares[row * columns + column] = 2;
            var map = ErrorSpread.Of(rows, columns, shares, []).Map;
            var (high, wide) = ((rows + 63) / 64, (columns + 127) / 128);
            Assert.True(map.Count <= 64 && map.All(line => line.Length <= 128 && line.Length == map[0].Length));
            Assert.Equal('x', map[row / high][column / wide]);
            Assert.Equal(1, map.Sum(line => line.Count(cell => cell != '0')));
        }
    }
}
