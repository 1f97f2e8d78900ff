namespace Backprop.Audit;

/// <summary>One way to do some work, to be timed in turns with others.</summary>
internal abstract class Contender : IDisposable
{
    /// <summary>Threads that work on it.</summary>
    public virtual int Threads => 1;

    /// <summary>Whether a turn runs a while before it counts; work that takes seconds and starts anew each time need not.</summary>
    public virtual bool WarmsUp => true;

    /// <summary>Goes back to the starting point, so that every turn does the same work.</summary>
    public virtual void Begin()
    {
    }

    /// <summary>Does the work once.</summary>
    public abstract void Run();

    /// <summary>Gives back what <see cref="Begin"/> took.</summary>
    public virtual void End()
    {
    }

    /// <summary>What the work gives from the starting point, in numbers that every contender of the same case gives too.</summary>
    public abstract double[] Results();

    /// <inheritdoc/>
    public virtual void Dispose()
    {
    }
}
