package main

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// load is bench/clients/closed-loop.mjs in Go.
type load struct {
	Bytes        int     `json:"bytes"`
	Concurrency  int     `json:"concurrency"`
	Milliseconds float64 `json:"milliseconds"`
	MaxCalls     int     `json:"maxCalls"`
}

// maxSamples is how many latencies are kept; what comes behind them counts for the rate only.
const maxSamples = 1 << 20

func milliseconds(duration time.Duration) float64 {
	return float64(duration) / float64(time.Millisecond)
}

// closedLoop calls as fast as the answers come, with a fixed number of calls in flight.
func closedLoop(s session, params load) (map[string]float64, error) {
	text := textOf(params.Bytes)
	var started atomic.Int64
	var workers sync.WaitGroup
	var lock sync.Mutex
	var samples []time.Duration
	var failure error
	begin := time.Now()
	end := begin.Add(time.Duration(params.Milliseconds * float64(time.Millisecond)))
	for range params.Concurrency {
		workers.Go(func() {
			var own []time.Duration
			var err error
			for before := time.Now(); before.Before(end); {
				count := int(started.Add(1)) - 1
				if count >= params.MaxCalls {
					break
				}
				if err = s.call(text, count); err != nil {
					break
				}
				now := time.Now()
				if len(own) < maxSamples/params.Concurrency {
					own = append(own, now.Sub(before))
				}
				before = now
			}
			lock.Lock()
			defer lock.Unlock()
			samples = append(samples, own...)
			if err != nil {
				failure = err
			}
		})
	}
	workers.Wait()
	seconds := time.Since(begin).Seconds()
	if failure != nil {
		return nil, failure
	}
	slices.Sort(samples)
	at := func(share float64) float64 {
		if len(samples) == 0 {
			return 0
		}
		return milliseconds(samples[int(float64(len(samples))*share)])
	}
	calls := float64(min(started.Load(), int64(params.MaxCalls)))
	return map[string]float64{
		"calls":          calls,
		"seconds":        seconds,
		"callsPerSecond": calls / seconds,
		"p50Ms":          at(0.5),
		"p99Ms":          at(0.99),
	}, nil
}
