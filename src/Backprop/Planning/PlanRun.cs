using System.Diagnostics;
using Backprop.Graph;
using Backprop.Kernels;

namespace Backprop.Planning;

/// <content>Running a plan: batches in, phases one after the other, values out.</content>
internal sealed partial class Plan<T>
{
    /// <summary>The value of a kept node or of an input.</summary>
    public Panels<T> Value(Node node) => values[recomputation?.Of(node) ?? node];

    /// <summary>Chooses the table and the rows an input of the next run is gathered from.</summary>
    /// <param name="input">The input.</param>
    /// <param name="table">Row-major, or null for a table of ones.</param>
    /// <param name="rows">Row numbers.</param>
    /// <param name="columns">Columns of the table; 0 for as many as the input has.</param>
    /// <param name="from">The table's column that is the input's first.</param>
    public void Choose(Node input, T[]? table, int[] rows, int columns = 0, int from = 0) => inputs[input].Choose(table, rows, columns, from);

    /// <summary>
    /// Chooses who writes a filled input before each run: a matrix with room for the rows, and their number. They write in the order of these calls.
    /// </summary>
    public void Fill(Node input, Action<Panels<T>, int> write)
    {
        unfilled.Remove(input);
        filled.Add((values[input], write));
    }

    /// <summary>The same for a sparse input.</summary>
    public void ChooseSparse(Node input, CompressedRows<T> table, int[] rows) => sparse[input].Batch.Choose(table, rows);

    /// <summary>Runs the plan on the rows chosen, updating with that learning rate.</summary>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="update">Whether an update follows; where gradients are not summed over batches it always does.</param>
    public void Run(int rows, double learningRate, bool update = true)
    {
        Debug.Assert(update || gathered is { Accumulates: true }, "What is not summed would be lost.");
        ObjectDisposedException.ThrowIf(disposed, this);
        (batchRows, rate, phasesToRun) = (rows, learningRate, update ? phases.Length : phasesOfABatch);
        foreach (var share in shares)
        {
            share[0, 0] = T.One / T.CreateTruncating(rows);
        }

        if (unfilled.Count > 0)
        {
            throw new InvalidOperationException($"Nobody fills {unfilled.First()}. Call {nameof(Fill)} before the first run.");
        }

        foreach (var (matrix, write) in filled)
        {
            write(matrix, rows);
        }

        foreach (var column in categories)
        {
            var (input, rowsOf) = (inputs.GetValueOrDefault(column.Source), column.Source.Shape.IsBatch ? rows : column.Source.Shape.Rows);
            for (var row = 0; row < rowsOf; row++)
            {
                column.Check(input is null ? values[column.Source][row, column.Column] : input.At(row, column.Column), row);
            }
        }

        gathered?.Begin(rows);
        if (gathered is null)
        {
            PrepareUpdates();
        }

        if (workers is not null && Operations(rows) >= 2 * OperationsOfAThread)
        {
            workers.Run(this);
            return;
        }

        foreach (var phase in phases.AsSpan(0, phasesToRun))
        {
            foreach (var step in phase)
            {
                for (var task = 0; task < step.Tasks(rows); task++)
                {
                    step.Run(task, rows, scratch[0]);
                }
            }
        }
    }

    /// <summary>Runs the plan on rows that the caller wrote to the inputs.</summary>
    public void RunPrepared(int rows)
    {
        Debug.Assert(updates.IsEmpty, "Rows written by the caller are for plans that only compute.");
        foreach (var input in inputs.Values)
        {
            input.Skip();
        }

        Run(rows, 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        workers?.Dispose();
    }

    int IPhasedWork.Phases => phasesToRun;

    int IPhasedWork.Tasks(int phase)
    {
        var sum = 0;
        foreach (var step in phases[phase])
        {
            sum += step.Tasks(batchRows);
        }

        return sum;
    }

    void IPhasedWork.Run(int phase, int task, int worker)
    {
        foreach (var step in phases[phase])
        {
            var tasks = step.Tasks(batchRows);
            if (task < tasks)
            {
                step.Run(task, batchRows, scratch[worker]);
                return;
            }

            task -= tasks;
        }
    }

    private void PrepareUpdates()
    {
        updates.Prepare(++Updates, rate);
        averageKernel?.Prepare(Updates, rate);
    }

    private double Operations(int rows)
    {
        var sum = 0.0;
        foreach (var phase in phases)
        {
            foreach (var step in phase)
            {
                sum += step.Operations(rows);
            }
        }

        return sum;
    }
}
