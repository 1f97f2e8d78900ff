namespace Backprop.Formulas;

/// <summary>y = f(x), and dy/dx in terms of both, so that each rule may use whichever is cheaper.</summary>
public interface IActivation
{
    /// <summary>f(x).</summary>
    TX Forward<TX>(TX x) where TX : IReal<TX>;

    /// <summary>f′(x), given x and y = f(x).</summary>
    TX Derivative<TX>(TX x, TX y) where TX : IReal<TX>;

    /// <summary>f(x) as it is defined, for documents: <see cref="Forward"/>, unless that takes a longer way to keep digits.</summary>
    TX Definition<TX>(TX x) where TX : IReal<TX> => Forward(x);

    /// <summary>The numbers the formula was made with, which its name carries; none unless it says so.</summary>
    IReadOnlyList<double> Parameters => [];

    /// <summary>The same formula made with other numbers, as many as <see cref="Parameters"/> has.</summary>
    /// <exception cref="ArgumentException">One of them is out of bounds.</exception>
    Activation With(IReadOnlyList<double> parameters) => throw new NotSupportedException($"{GetType().Name} has Parameters, but no With. Add it.");
}

/// <summary>Receives an activation as the struct it is.</summary>
/// <typeparam name="TResult">What the visit makes.</typeparam>
public interface IActivationVisitor<TResult>
{
    /// <summary>Called with the formula's own type.</summary>
    TResult Visit<TF>(TF formula) where TF : struct, IActivation;
}
