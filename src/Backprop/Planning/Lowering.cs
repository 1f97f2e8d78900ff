using System.Numerics;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Kernels;

namespace Backprop.Planning;

/// <summary>Turns recipes into steps on placed values.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="values">The place of each value that is not sparse.</param>
/// <param name="sparse">Each sparse input.</param>
/// <param name="parameters">Where parameters live.</param>
/// <param name="updates">The updates.</param>
/// <param name="gathered">Gradients that are summed before an update, or null.</param>
internal sealed class Lowering<T>(
    Kernels<T> kernels,
    IReadOnlyDictionary<Node, Panels<T>> values,
    IReadOnlyDictionary<Node, SparseColumns<T>> sparse,
    ParameterStore<T> parameters,
    UpdateKernels<T> updates,
    GatheredGradients<T>? gathered)
    where T : unmanaged, IFloatingPointIeee754<T>
{
    /// <summary>The step.</summary>
    public Step<T> Step(Recipe recipe)
    {
        // A value that a rule does not read may have no place; any other will do.
        var result = values.GetValueOrDefault(recipe.Result);
        Panels<T> Place(Node node) => values.GetValueOrDefault(node) ?? result!;
        var operands = recipe.Core.Inputs.Select(Place).ToArray();
        var batch = recipe.Core.Shape.IsBatch || recipe.Core.Inputs.Any(input => input.Shape.IsBatch);
        var left = recipe.Core.Inputs is [var leftmost, ..] ? sparse.GetValueOrDefault(leftmost) : null;
        if (recipe.Core.Inputs.Any(input => input.IsSparse) && (recipe.Core.Op is not (Product or TransposedProduct) || recipe.Core.Inputs[1].IsSparse))
        {
            throw new NotSupportedException($"{recipe.Core.Name} does not take a sparse input. Multiply it from the left, or plan for a dense one.");
        }

        if (left is not null && gathered is not { Accumulates: true } && recipe.Updates is { } parameter && recipe.Core.Op is TransposedProduct
            && updates.Sparse(parameter) is { } lazyKernel)
        {
            return new SparseUpdateStep<T>(kernels, left, operands[1], recipe.OnlyUpdates ? result : null, parameters.Update(parameter, lazyKernel));
        }

        if (recipe.OnlyUpdates)
        {
            return new UpdateStep<T>(gathered?[recipe.Updates!] ?? result!, Update(recipe.Updates!));
        }

        if (recipe.Assigns is not null)
        {
            var state = values[recipe.Assigns];
            return new MapStep<T>(kernels.Map(default(Primitives.Copy), [result!], state), state, false);
        }

        switch (recipe.Core.Op)
        {
            case Product:
                var bias = recipe.Bias is null ? null : values[recipe.Bias];
                var before = recipe.Before is null ? result! : values[recipe.Before];
                var epilogue = recipe.Activation is not null ? kernels.Activate(recipe.Activation, before.Start, result!.Start) : null;
                if (recipe.Differentiated is { Op: ApplyGradient gradient } node)
                {
                    var (x, y) = (Place(node.Inputs[1]), Place(node.Inputs[2]));
                    epilogue = kernels.ActivationGradient(gradient.Function, result!.Start, x.Start, y.Start, result.Start);
                }

                return left is null
                    ? new ProductStep<T>(kernels, operands[0], operands[1], before, batch, bias, epilogue)
                    : new SparseProductStep<T>(kernels, left.Batch, operands[1], before, bias, epilogue);
            case TransposedProduct when left is not null:
                return new SparseTransposedProductStep<T>(
                    kernels, left, operands[1], recipe.Updates is null ? result : null, recipe.Updates is null ? null : Update(recipe.Updates));
            case TransposedProduct when recipe.Updates is not null:
                return new TransposedProductStep<T>(
                    kernels, operands[0], operands[1], batch, null, Update(recipe.Updates));
            case ColumnSums when recipe.Updates is not null:
                return new ColumnSumsStep<T>(kernels, operands[0], batch, null, Update(recipe.Updates));
            case MeanLossGradient loss when recipe.Loss is not null:
                return new MeanLossStep<T>(loss.Loss, kernels, operands, values.GetValueOrDefault(recipe.Loss), result, batch);
            case CustomOp custom:
                return custom.StepOf(recipe.Core, operands, result!);
            default:
                return recipe.Core.Op.Run(kernels, operands, result!, batch);
        }
    }

    private ParameterUpdate<T> Update(Node parameter) => parameters.Update(parameter, updates.Of(parameter));
}

/// <summary>Adds up a loss when all its rows are done.</summary>
internal sealed class FinishStep<T>(MeanLossStep<T> loss) : Step<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public override int Tasks(int batchRows) => 1;

    public override void Run(int task, int batchRows, Scratch<T> scratch) => loss.Finish(batchRows);
}

/// <summary>Updates a parameter with a gradient that was kept.</summary>
internal sealed class UpdateStep<T>(Panels<T> gradient, ParameterUpdate<T> update) : Step<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    public override int Tasks(int batchRows) => gradient.Count * Blocks(gradient.Rows);

    public override void Run(int task, int batchRows, Scratch<T> scratch)
    {
        var (panel, row, rows) = Place(task, gradient.Count, gradient.Rows, 0);
        update.Run(panel, row, rows, ref gradient.Start.At(gradient.PanelOffset(panel) + row * Panels<T>.Width));
    }
}
