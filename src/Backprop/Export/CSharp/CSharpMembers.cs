using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;
using Backprop.Kernels;

namespace Backprop.Export;

/// <summary>The members of a class in C# source: tables of numbers, and functions, each with what it calls.</summary>
/// <param name="className">The class's own name, which none of them may have.</param>
internal sealed partial class CSharpMembers<T>(string className) where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int NumbersOfALine = 16;

    private readonly Dictionary<string, string> functions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> formulas = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> tables = new(StringComparer.Ordinal);

    /// <summary>The names of all members.</summary>
    public IEnumerable<string> Names => functions.Keys.Concat(tables.Keys);

    /// <summary>Their source.</summary>
    public IEnumerable<string> Sources => functions.Values.Concat(tables.Values);

    /// <summary>A table of constants.</summary>
    /// <param name="wanted">What it would like to be called.</param>
    /// <param name="numbers">Row-major.</param>
    public string Table(string wanted, T[,] numbers)
    {
        var name = Free(wanted);
        var lines = numbers.Cast<T>().Select(Code<T>.Literal).Chunk(NumbersOfALine).Select(line => $"    {string.Join(", ", line)},");
        tables[name] = $"private static ReadOnlySpan<{Code<T>.Type}> {name} =>\n[\n{string.Join('\n', lines)}\n];";
        return name;
    }

    /// <summary>A function of numbers; the same formula is the same function.</summary>
    /// <param name="wanted">What it would like to be called.</param>
    /// <param name="parameters">Which of the formula's numbers it is given, instead of knowing them.</param>
    /// <param name="read">Writes it.</param>
    public string Function(string wanted, IReadOnlyList<string> parameters, Func<CSharpMethod<T>, Code<T>> read)
    {
        var method = new CSharpMethod<T>(Use);
        var result = read(method);
        var formula = string.Join('\n', parameters.Concat(method.Returning(result)));
        if (!formulas.TryGetValue(formula, out var name))
        {
            formulas[formula] = name = Free(wanted);
            functions[name] = Function(name, parameters, method, result);
        }

        return name;
    }

    /// <summary>Has a function of <see cref="CSharpKernels"/>, or the engine's elementary function of that name, with all it calls.</summary>
    public void Use(string name)
    {
        if (functions.ContainsKey(name))
        {
            return;
        }

        if (CSharpKernels.All.TryGetValue(name, out var kernel))
        {
            functions[name] = InPrecision(kernel.Source);
            foreach (var called in kernel.Calls)
            {
                Use(called);
            }

            return;
        }

        var elementary = ElementaryFunction.All.Single(function => function.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        // Only sine and cosine ask.
        var method = new CSharpMethod<T>(Use, far: $"{Code<T>.Functions}.{name}(x)");
        var result = elementary.Of(new Lanes<Code<T>, T, CodeSimd<T>>(method.Parameter("x"))).Vector;
        functions[name] = Function(name, ["x"], method, result);
        Use("Bits");
        Use("Number");
    }

    private static string Function(string name, IReadOnlyList<string> parameters, CSharpMethod<T> method, Code<T> result)
    {
        var text = new StringBuilder(
            $"private static {Code<T>.Type} {name}({string.Join(", ", parameters.Select(parameter => $"{Code<T>.Type} {parameter}"))})\n{{\n");
        foreach (var statement in method.Returning(result))
        {
            text.Append("    ").Append(statement).Append('\n');
        }

        return text.Append('}').ToString();
    }

    /// <summary>A name that is none yet, made of the letters and digits of another.</summary>
    private string Free(string wanted)
    {
        var words = wanted.Split('.', '(', ')', ',', ' ', '-', '_').Where(word => word.Length > 0).Select(word => char.ToUpperInvariant(word[0]) + word[1..]);
        var name = string.Concat(string.Concat(words).Where(char.IsAsciiLetterOrDigit));
        name = name.Length == 0 || char.IsAsciiDigit(name[0]) ? $"Layer{name}" : name;
        var free = name;
        for (var i = 2; functions.ContainsKey(free) || tables.ContainsKey(free) || Reserved.Contains(free) || free == className; i++)
        {
            free = $"{name}{(char.IsAsciiDigit(name[^1]) ? "_" : "")}{i}";
        }

        return free;
    }

    /// <summary>Names of what the class has or uses besides.</summary>
    public static IReadOnlySet<string> Reserved { get; } = new HashSet<string>(
    [
        "Features", "Scores", "Score", "Probability", "ScoreRow", "Workspace", "Math", "MathF", "Vector", "Span", "ReadOnlySpan", "BitConverter",
        "ArgumentException", .. CSharpKernels.All.Keys, .. ElementaryFunction.All.Select(
            function => char.ToUpperInvariant(function.Name[0]) + function.Name[1..]),
    ]);

    private static string InPrecision(string source)
    {
        var isFloat = typeof(T) == typeof(float);
        return Placeholder().Replace(source, match => match.Value switch
        {
            "T" => Code<T>.Type,
            "F" => Code<T>.Functions,
            "U" => isFloat ? "uint" : "ulong",
            "TToUBits" => isFloat ? "SingleToUInt32Bits" : "DoubleToUInt64Bits",
            _ => isFloat ? "UInt32BitsToSingle" : "UInt64BitsToDouble",
        });
    }

    [GeneratedRegex(@"\b(T|F|U|TToUBits|UBitsToT)\b")]
    private static partial Regex Placeholder();
}
