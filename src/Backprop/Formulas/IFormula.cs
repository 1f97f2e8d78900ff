namespace Backprop.Formulas;

/// <summary>A function of one to three numbers, written once and read many times: as a kernel, as its derivative, as text.</summary>
/// <remarks>One of fewer inputs ignores the numbers behind them. Mark <see cref="Of"/> to be inlined: it runs inside a vectorised loop.</remarks>
public interface IFormula
{
    /// <summary>How many of the numbers it is a function of: 1, 2 or 3.</summary>
    static abstract int Inputs { get; }

    /// <summary>Its value.</summary>
    TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX>;
}
