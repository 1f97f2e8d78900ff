using System.Numerics;

namespace Backprop.Export;

/// <summary>The body of a function of C# source that is being written, a statement for each operation, the same only once.</summary>
/// <param name="use">Told the elementary functions that are called.</param>
/// <param name="far">What to return where an argument is too large for the vectorised method; null where no function asks.</param>
internal sealed class CSharpMethod<T>(Action<string> use, string? far = null) where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly List<string> statements = [];
    private readonly Dictionary<string, string> names = [];

    /// <summary>The statements, and the return of a result.</summary>
    public IEnumerable<string> Returning(Code<T> result) => [.. statements, $"return {result.Text};"];

    /// <summary>A parameter of the function.</summary>
    public Code<T> Parameter(string name) => new(this, name, default);

    /// <summary>A local of that value.</summary>
    public Code<T> Let(string expression)
    {
        if (!names.TryGetValue(expression, out var name))
        {
            names[expression] = name = $"t{names.Count}";
            statements.Add($"var {name} = {expression};");
        }

        return new(this, name, default);
    }

    /// <summary>The value of an elementary function.</summary>
    public Code<T> Call(string function, Code<T> x)
    {
        use(function);
        return Let($"{function}({x.Text})");
    }

    /// <summary>Returns the far case where a condition holds.</summary>
    public void ReturnFarIf(string condition)
        => statements.Add($"if ({condition}) {{ return {far ?? throw new InvalidOperationException("The function has no far case.")}; }}");
}
