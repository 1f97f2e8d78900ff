using Backprop.Models;

namespace Backprop.Audit.Mutations;

/// <summary>A mistake that backpropagation is known to be written with, put into a sound implementation.</summary>
/// <param name="Name">What is wrong.</param>
/// <param name="Damage">Puts it into the gradients; gets the network's sound loss gradient row by row through the pass.</param>
internal sealed record PassDamage(string Name, PassDamage.Damaging Damage)
{
    /// <summary>Changes gradients that a pass has filled.</summary>
    public delegate void Damaging(GradientsOf<float> pass, Weights<float> weights, Examples<float> examples, int[] rows, Weights<float> gradients);

    public static IReadOnlyList<PassDamage> All { get; } =
    [
        new("one element off by 1 %", (_, _, _, _, g) => g["0.weight"][Typical(g["0.weight"])] *= 1.01f),
        new("one element with the wrong sign", (_, _, _, _, g) => g["0.weight"][Typical(g["0.weight"])] *= -1),
        new("two neighbours swapped", (_, _, _, _, g) => Swap(g["2.weight"])),
        new("all scaled by 1 + 1e-5", (_, _, _, _, g) => Scale(g, 1 + 1e-5f)),
        new("the mean taken over one row less", (_, _, _, rows, g) => Scale(g, rows.Length / (rows.Length - 1f))),
        new("one row missing in a bias", ForgetRow),
        new("a transposed product", (_, _, _, _, g) => Transpose(g["2.weight"])),
    ];

    /// <summary>The broken implementation.</summary>
    public GradientsOf<float> In(GradientsOf<float> pass) => (weights, examples, rows, gradients, logits) =>
    {
        var loss = pass(weights, examples, rows, gradients, logits);
        Damage(pass, weights, examples, rows.ToArray(), gradients);
        return loss;
    };

    /// <summary>The element of median size among those that are not 0.</summary>
    private static int Typical(Span<float> gradient)
    {
        var values = gradient.ToArray();
        int[] order = [.. Enumerable.Range(0, values.Length).Where(i => values[i] != 0).OrderBy(i => Math.Abs(values[i]))];
        return order[order.Length / 2];
    }

    private static void Scale(Weights<float> gradients, float factor)
    {
        foreach (ref var g in gradients.Values)
        {
            g *= factor;
        }
    }

    private static void Swap(Span<float> gradient)
    {
        var at = Math.Max(1, Typical(gradient));
        (gradient[at - 1], gradient[at]) = (gradient[at], gradient[at - 1]);
    }

    private static void ForgetRow(GradientsOf<float> pass, Weights<float> weights, Examples<float> examples, int[] rows, Weights<float> gradients)
    {
        var alone = new Weights<float>(weights.Model);
        pass(weights, examples, rows.AsSpan(0, 1), alone, new float[weights.Model.Outputs]);
        var bias = gradients.Tensors[^1];
        for (var i = 0; i < bias.Length; i++)
        {
            gradients[bias][i] -= alone[bias][i] / rows.Length;
        }
    }

    private static void Transpose(Span<float> square)
    {
        var (values, n) = (square.ToArray(), (int)Math.Sqrt(square.Length));
        for (var i = 0; i < square.Length; i++)
        {
            square[i] = values[i % n * n + i / n];
        }
    }
}
