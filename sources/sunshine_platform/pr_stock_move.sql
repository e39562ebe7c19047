-- pr_stock_move: one row a movement that a hospital's stores report. Source: t_stock_move.
-- Normalised: kind of movement and of goods. Dispensing and issues are sums of an item and week.
select
    hospital_code as org_code,
    move_no as move_id,
    move_time,
    store_code,
    other_store as counter_store_code,
    other_dept as counter_dept_code,
    case change_type
        when '10' then 'purchase'
        when '11' then 'supplier_return'
        when '20' then 'issue'
        when '21' then 'dept_return'
        when '30' then 'transfer_in'
        when '31' then 'transfer_out'
        when '40' then 'dispense'
        when '41' then 'dispense_return'
        when '50' then 'loss'
        when '60' then 'count_gain'
        when '61' then 'count_loss'
        when '70' then 'price_adjust'
    end as move_kind,
    case goods_type when '1' then 'drug' when '2' then 'material' end as item_kind,
    hospital_item_code as item_code,
    batch_no,
    null as udi,
    min_qty as qty_min_unit,
    min_cost as unit_cost,
    handler_code,
    ref_no as ref_doc,
    null as src_updated_at
from t_stock_move
where move_time >= :window_start and move_time < :window_end
