namespace Backprop.Training;

/// <summary>One schedule after the other; each begins anew at its milestone. PyTorch's SequentialLR.</summary>
public sealed record SequentialRate : Schedule
{
    /// <summary>The schedules; by default a linear warm-up, then a cosine. Each counts as the whole does.</summary>
    /// <exception cref="ArgumentException">There is none, or one looks at losses.</exception>
    public IReadOnlyList<Schedule> Parts
    {
        get;
        init => field = Check(value, value.Count > 0 && !value.Any(part => part is PlateauRate), "one or more schedules of time alone");
    } = [new LinearRate(), new CosineRate()];

    /// <summary>When each but the first begins, ascending.</summary>
    /// <exception cref="ArgumentException">They do not ascend.</exception>
    public IReadOnlyList<long> Milestones
    {
        get;
        init => field = Check(value, value.Zip(value.Skip(1)).All(pair => pair.First < pair.Second), "ascending");
    } = [5];

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">There is not one milestone fewer than there are parts.</exception>
    public override double Rate(double rate, long t, long total)
    {
        if (Milestones.Count != Parts.Count - 1)
        {
            throw new ArgumentException($"{Parts.Count} schedules have {Milestones.Count} milestones between them. Give {Parts.Count - 1}.");
        }

        var current = 0;
        while (current < Milestones.Count && Milestones[current] <= t)
        {
            current++;
        }

        var begin = current == 0 ? 0 : Milestones[current - 1];
        // A part that lasts all of training ends with it, or where the next begins.
        var end = current < Milestones.Count ? Milestones[current] : total;
        return Parts[current].Rate(rate, t - begin, Math.Max(1, end - begin));
    }
}
