using Backprop.Audit.Bounds;
using Backprop.Models;
using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>Audits a module of TorchSharp's or of a user's own: its gradients, its float32, and what it computes.</summary>
/// <remarks>
/// Witnesses: differences of its own values in float64; the same network of this library, where the module is a sequence of known ones
/// or the caller says what it is meant to be; its float64 for its float32.
/// </remarks>
public static class ModuleAudit
{
    private const string Area = "module";

    /// <inheritdoc cref="GradientAudit.Check(nn.Module{Tensor, Tensor}, Tensor, Model, Func{Tensor, Tensor})"/>
    /// <exception cref="ArgumentException">The module does not run, or is not of that network's shape.</exception>
    public static IReadOnlyList<Finding> Run(nn.Module<Tensor, Tensor> module, Tensor input, Model? model = null, Func<Tensor, Tensor>? loss = null)
    {
        TorchLibrary.EnsureLoaded();
        var name = module.GetType().Name;
        using var run = new ModuleRun(module, input, loss);
        if (run.OutputType() is var type && !ModuleRun.IsReal(type))
        {
            return [Unusable(
                name, $"of type {type}", "a floating type",
                "no gradient flows through whole numbers. TorchSharp's x.sum(0) takes 0 for a type; write x.sum(new long[] { 0 }).")];
        }

        var exact = run.Run(ScalarType.Float64);
        if (!exact.Flows)
        {
            return double.IsNaN(exact.Loss) && loss is not null
                ? throw new ArgumentException("The loss is no scalar. Reduce it, as by its mean.")
                : [Unusable(name, "without a gradient", "one of input or parameters", "it was cut off, as by detach or no_grad.")];
        }

        return
        [
            .. Buffers(name, exact, module.training),
            .. Slopes(name, run, exact),
            .. ModuleTwin.Of(module, run, input, model, loss is null) is { } twin ? twin.Judge(name)
                : run.IsSingle ? Single(name, run, exact) : [],
        ];
    }

    /// <summary>Says why no gradient can be asked for.</summary>
    private static Finding Unusable(string name, string theirs, string reference, string why)
        => Fault(name, "whether gradients flow from its outputs", "outputs", theirs, reference, why);

    private static IEnumerable<Finding> Buffers(string name, ModuleResult exact, bool training) => exact.NotFinite.Select(buffer => Fault(
        name, "buffers after a run", buffer, $"not finite after a run in {(training ? "training" : "evaluation")}", "finite",
        "a batch of one row has no variance. Give two rows at least, or call eval()."));

    private static Finding Fault(string name, string check, string tensor, string theirs, string reference, string why) => new(
        Area, name, check, Verdict.TheirsWorse, double.PositiveInfinity,
        $"{Element.NameOf(tensor, 0, 1)}: ours none, theirs ({name}) {theirs}, reference {reference}, bound 0: {why}");

    /// <summary>The module's gradients in float64 against differences of its own values.</summary>
    private static IEnumerable<Finding> Slopes(string name, ModuleRun run, ModuleResult exact)
    {
        const string check = "gradients in float64 against differences of its own values";
        Claim[] claims = [.. run.Tensors.Zip(exact.Gradients, (of, gradient) => new Claim(of.Name, of.Columns, of.Values, gradient))];
        var search = new SlopeSearch(claims, numbers => run.Run(ScalarType.Float64, numbers, differentiated: false).Loss, Bounded.Double);
        return [.. claims.Select((claim, i) => search.Check(i).Judge(Party.Theirs, claim, Area, name, check))];
    }

    /// <summary>
    /// The module in float32 against itself in float64, norm by norm: by as much as its gradients move where every number is off by a rounding.
    /// </summary>
    private static IEnumerable<Finding> Single(string name, ModuleRun run, ModuleResult exact)
    {
        var moved = new double[run.Tensors.Count];
        var shaking = new Shaking(new(GradientAudit.MaskSeed), Bounded.Float);
        foreach (var gradients in shaking.Run([.. run.Tensors.Select(of => of.Values)], numbers => run.Run(ScalarType.Float64, numbers).Gradients))
        {
            for (var i = 0; i < moved.Length; i++)
            {
                moved[i] = Math.Max(moved[i], Distance(gradients[i], exact.Gradients[i]));
            }
        }

        var single = run.Run(ScalarType.Float32).Gradients;
        for (var i = 0; i < moved.Length; i++)
        {
            var (of, given, reference) = (run.Tensors[i], single[i], exact.Gradients[i]);
            // Beside what moved numbers show: a few operations' roundings of the gradient itself.
            var bound = Shaking.AllowanceOf(of.Columns) * moved[i] + 8 * Bounded.Float * Distance(reference, new double[reference.Length]);
            var distance = Distance(given, reference);
            var at = Enumerable.Range(0, given.Length)
                .MaxBy(k => double.IsNaN(given[k]) ? double.PositiveInfinity : Math.Abs(given[k] - reference[k]));
            var share = distance == 0 ? 0 : double.IsNaN(distance) ? double.PositiveInfinity : distance / bound;
            var words = Element.Words(Element.NameOf(of.Name, at, of.Columns), null, name, given[at], ("its float64", reference[at]), bound);
            yield return new(
                Area, name, "gradients in float32 against float64", share > 1 ? Verdict.TheirsWorse : Verdict.Agrees, share,
                FormattableString.Invariant($"{words} of the tensor's norm, which is off by {distance:G3}"));
        }
    }

    private static double Distance(double[] a, double[] b) => Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum());
}
