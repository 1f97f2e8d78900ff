using Backprop.Cli.Data;
using Backprop.Models;
using Microsoft.ML.Data;

namespace Backprop.Cli.Tasks;

/// <summary>One label that is a number.</summary>
internal abstract class RealTask : TabularTask
{
    /// <summary>Checks that the label is numeric.</summary>
    protected RealTask(Head head, LabelTexts label)
    {
        Head = head;
        RealLabels.Of(head, label);
    }

    /// <inheritdoc/>
    public sealed override Head Head { get; }

    /// <inheritdoc/>
    public sealed override TableColumn Targets(IReadOnlyList<LabelTexts> labels)
        => new TableColumn<float>(ColumnNames.Label, NumberDataViewType.Single, RealLabels.Of(Head, labels[0]));
}
