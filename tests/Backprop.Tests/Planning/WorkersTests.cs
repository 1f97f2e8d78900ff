using Backprop.Planning;

namespace Backprop.Tests.Planning;

/// <summary>The workers under stress: many runs, barriers, failures, several sets at once.</summary>
public class WorkersTests
{
    [Theory, InlineData(1), InlineData(2), InlineData(5)]
    public void EveryWorkerRunsOnceARun(int count)
    {
        using var workers = new Workers(count);
        var ran = new int[count];
        for (var run = 1; run <= 300; run++)
        {
            workers.Run(worker => Interlocked.Increment(ref ran[worker]));
            Assert.All(ran, times => Assert.Equal(run, times));
        }
    }

    [Fact]
    public void NobodyPassesABarrierBeforeAllHaveCome()
    {
        using var workers = new Workers(3);
        for (var run = 0; run < 100; run++)
        {
            var (come, tooEarly) = (0, 0);
            workers.Run(_ =>
            {
                for (var phase = 1; phase <= 5; phase++)
                {
                    Interlocked.Increment(ref come);
                    workers.Barrier();
                    if (Volatile.Read(ref come) < 3 * phase)
                    {
                        Interlocked.Increment(ref tooEarly);
                    }

                    workers.Barrier();
                }
            });
            Assert.Equal((15, 0), (come, tooEarly));
        }
    }

    [Fact]
    public void AFailureReachesTheCallerAndTheNextRunWorks()
    {
        using var workers = new Workers(3);
        var error = Assert.Throws<InvalidOperationException>(() => workers.Run(worker =>
        {
            if (worker == 2)
            {
                throw new InvalidOperationException("worker 2 fails");
            }
        }));
        Assert.Equal("worker 2 fails", error.Message);
        var ran = 0;
        workers.Run(_ => Interlocked.Increment(ref ran));
        Assert.Equal(3, ran);
    }

    [Fact]
    public void ParkedWorkersWake()
    {
        using var workers = new Workers(3);
        for (var i = 0; i < 5; i++)
        {
            Thread.Sleep(30);
            var ran = 0;
            workers.Run(_ => Interlocked.Increment(ref ran));
            Assert.Equal(3, ran);
        }
    }

    [Fact]
    public void SeveralSetsRunAtTheSameTime()
        => Parallel.For(0, 6, _ =>
        {
            using var workers = new Workers(3);
            var ran = 0;
            for (var i = 0; i < 50; i++)
            {
                workers.Run(_ => Interlocked.Increment(ref ran));
            }

            Assert.Equal(150, ran);
        });

    [Fact]
    public void DisposingTwiceIsHarmlessAndRunningAfterwardsIsAnError()
    {
        var workers = new Workers(2);
        workers.Dispose();
        workers.Dispose();
        Assert.Throws<ObjectDisposedException>(() => workers.Run(_ => { }));
    }
}
