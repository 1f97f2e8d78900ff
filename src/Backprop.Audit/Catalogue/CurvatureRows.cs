using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>Second derivatives of every loss by its logits, and of networks' losses by all weights: of every head, layer and activation.</summary>
internal static class CurvatureRows
{
    private const string Area = "second derivative";
    private const int Rows = 8, Columns = 4;

    /// <summary>The catalogue's rows, each audited when it is asked for.</summary>
    public static IEnumerable<Func<IEnumerable<Finding>>> All =>
    [
        .. AuditedLoss.All.Select(loss => (Func<IEnumerable<Finding>>)(() => Run(loss))),
        .. NetworkRows.Heads.Select(head => Network($"head {head}", NetworkRows.Of(head))),
        .. NetworkRows.Layers.Select(pair => Network($"layer {pair.Layer}", pair.Network)),
        .. Activation.All.Select(f => Network($"network of {f.Name}", new Mlp([5, 8, 6, 3], f, Head.Multiclass))),
    ];

    /// <summary>Audits a loss, of numbers around its targets.</summary>
    public static IEnumerable<Finding> Run(AuditedLoss loss)
    {
        var (z, t, random) = (Node.Input("z", Columns), Node.Input("t", Columns), new TorchRandom(7));
        var known = loss.Targets;
        double[] targets = [.. Enumerable.Range(0, Rows * Columns).Select(i => known[i % known.Length])];
        var (logits, vector) = (new double[targets.Length], new double[targets.Length]);
        random.FillUniform<double>(logits, -3, 3);
        random.FillUniform<double>(vector, -1, 1);
        logits = [.. logits.Zip(targets, (offset, target) => target + offset)];
        using var curvature = new Curvature(
            Node.MeanLoss(loss.Function, z, t), [z], leaf => leaf == z ? logits : leaf == t ? targets : [.. Enumerable.Repeat(1.0, Rows)], Rows, [vector],
            (_, i) => Element.NameOf("z", i, Columns));
        var (theirs, missing) = TorchWitness.Ask(() =>
        {
            using var scope = NewDisposeScope();
            var variable = tensor(logits).requires_grad_();
            return Doubles.Of(DoubleBackward.Run(Twins.Of(loss.Function, variable, tensor(targets)).mean(), [variable], [tensor(vector)])[0]);
        });
        return [.. curvature.Judge(Area, $"loss {loss.Name}", theirs, missing)];
    }

    /// <summary>Audits a network's loss.</summary>
    public static IEnumerable<Finding> Run(string subject, Model model)
    {
        var table = RandomBatch.Of(model, Rows, 3);
        var (weights, batch) = (RandomWeights.Of(model, table, 2).To<double>(), table.To<double>());
        var bounds = new NetworkBounds(weights, batch, new TorchRandom(GradientAudit.MaskSeed));
        var (graph, vector) = (bounds.Graph, Direction(weights));
        var along = bounds.Leaves(vector);
        var tensors = graph.Tensors.Zip(weights.Tensors).ToDictionary();
        string Name(Node parameter, int i)
        {
            var (tensor, columns) = (tensors[parameter], parameter.Shape.Columns);
            return Element.NameOf(tensor.Name, tensor.Layout == TensorLayout.Transposed ? i % columns * tensor.Columns + i / columns : i, tensor.Columns);
        }

        using var curvature = new Curvature(graph.Loss, graph.Parameters, bounds.Leaves(weights), Rows, [.. graph.Parameters.Select(along)], Name);
        var (theirs, missing) = TorchWitness.Ask(() =>
        {
            using var twin = new TorchModel<double>(weights);
            manual_seed(GradientAudit.MaskSeed);
            var product = new Weights<double>(weights.Model);
            twin.HessianTimesVector(batch, [.. Enumerable.Range(0, Rows)], vector, product);
            return graph.Parameters.SelectMany(bounds.Leaves(product)).ToArray();
        });
        return [.. curvature.Judge(Area, subject, theirs, missing)];
    }

    private static Func<IEnumerable<Finding>> Network(string subject, Model model) => () => Run(subject, model);

    private static Weights<double> Direction(Weights<double> weights)
    {
        var (vector, random) = (weights.Clone(), new TorchRandom(1));
        foreach (var tensor in weights.Tensors.Where(tensor => tensor.Learned))
        {
            random.NextDirection(weights[tensor].ToArray()).CopyTo(vector[tensor]);
        }

        return vector;
    }
}
