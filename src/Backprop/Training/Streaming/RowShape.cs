namespace Backprop.Training;

/// <summary>What a row of a table is made of.</summary>
/// <param name="Features">Numbers of its features.</param>
/// <param name="Targets">Numbers of its label.</param>
/// <param name="Weighted">Whether it has a weight.</param>
/// <param name="Grouped">Whether it belongs to a group.</param>
/// <param name="Dense">Whether zeros are kept in any case.</param>
internal sealed record RowShape(int Features, int Targets, bool Weighted, bool Grouped, bool Dense = false);
