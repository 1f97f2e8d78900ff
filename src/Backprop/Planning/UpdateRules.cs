using Backprop.Formulas;
using Backprop.Graph;

namespace Backprop.Planning;

/// <summary>The update of each parameter.</summary>
/// <param name="of">The rule of a parameter; null for one that stays as it is.</param>
internal sealed class UpdateRules(Func<Node, UpdateRule?> of)
{
    /// <summary>The rule of a parameter; null for one that stays as it is.</summary>
    public UpdateRule? this[Node parameter] => of(parameter);

    /// <summary>One optimizer for all.</summary>
    public static implicit operator UpdateRules(Optimizer optimizer) => new(_ => optimizer);
}
