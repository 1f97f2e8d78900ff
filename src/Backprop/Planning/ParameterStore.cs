using System.Numerics;
using Backprop.Graph;
using Backprop.Kernels;

namespace Backprop.Planning;

/// <summary>The parameters of a graph as kernels want them: in panels, with the transposed copies and optimizer states beside.</summary>
internal sealed class ParameterStore<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Dictionary<Node, Stored> stored = [];

    /// <summary>Makes room for parameters, all zero.</summary>
    /// <param name="parameters">The parameters, and whatever else lasts from run to run.</param>
    /// <param name="transposed">Those of which a transposed copy is kept.</param>
    /// <param name="states">Numbers the optimizer remembers beside each weight of a parameter.</param>
    public ParameterStore(IReadOnlyList<Node> parameters, IReadOnlySet<Node> transposed, Func<Node, int> states)
    {
        int Size(Node p) => Panels<T>.Size(p.Shape.Rows, p.Shape.Columns);
        int TransposedSize(Node p) => transposed.Contains(p) ? Panels<T>.Size(p.Shape.Columns, p.Shape.Rows) : 0;
        var place = Buffers.Allocate<T>(parameters.Sum(p => checked((1 + states(p)) * Size(p) + TransposedSize(p))));
        foreach (var parameter in parameters)
        {
            Slice<T> Take(int size)
            {
                var taken = place;
                place = place with { Offset = place.Offset + size };
                return taken;
            }

            var (rows, columns) = (parameter.Shape.Rows, parameter.Shape.Columns);
            var (values, count) = (Take(Size(parameter)), states(parameter));
            stored[parameter] = new(
                new(values, rows, columns),
                transposed.Contains(parameter) ? new(Take(TransposedSize(parameter)), columns, rows) : null,
                new(
                    values,
                    Take(count > 0 ? Size(parameter) : 0),
                    Take(count > 1 ? Size(parameter) : 0),
                    Take(count > 2 ? Size(parameter) : 0)),
                count);
        }
    }

    /// <summary>A store in which those parameters have places of their own, and every other is this one's.</summary>
    public ParameterStore<T> Beside(IReadOnlyList<Node> apart)
    {
        var beside = new ParameterStore<T>(apart, apart.Where(p => stored[p].Transposed is not null).ToHashSet(), _ => 0);
        foreach (var (parameter, own) in stored)
        {
            beside.stored.TryAdd(parameter, own);
        }

        return beside;
    }

    /// <summary>Every matrix there is, with what the optimizer remembers: all that has to be saved.</summary>
    public IEnumerable<Panels<T>> Matrices => stored.Values.SelectMany(s => s.Matrices);

    /// <summary>The parameter itself.</summary>
    public Panels<T> Values(Node parameter) => stored[parameter].Values;

    /// <summary>What the optimizer remembers beside it.</summary>
    public IEnumerable<Panels<T>> Memory(Node parameter) => stored[parameter].Matrices.Skip(1);

    /// <summary>Its transposed copy.</summary>
    public Panels<T> Transposed(Node parameter) => stored[parameter].Transposed!;

    /// <summary>The work that updates it.</summary>
    public ParameterUpdate<T> Update(Node parameter, UpdateKernel<T> kernel)
    {
        var s = stored[parameter];
        return new(kernel, s.Values, s.Transposed, s.State);
    }

    /// <summary>Refreshes the transposed copy after the parameter was written from outside.</summary>
    public void Refresh(Node parameter)
    {
        var s = stored[parameter];
        for (var panel = 0; s.Transposed is not null && panel < s.Values.Count; panel++)
        {
            ParameterUpdate<T>.TransposeRows(s.Values, s.Transposed, panel, 0, s.Values.Rows);
        }
    }

    /// <summary>The same for all, after <see cref="Matrices"/> were written.</summary>
    public void RefreshAll()
    {
        foreach (var parameter in stored.Keys)
        {
            Refresh(parameter);
        }
    }

    /// <summary>A parameter, its transposed copy, and the states that are in use beside it.</summary>
    private sealed record Stored(Panels<T> Values, Panels<T>? Transposed, WeightState<T> State, int States)
    {
        public IEnumerable<Panels<T>> Matrices
            => [Values, .. new[] { State.First, State.Second, State.Third }.Take(States).Select(start => new Panels<T>(start, Values.Rows, Values.Columns))];
    }
}
